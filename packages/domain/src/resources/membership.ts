/**
 * What a Memcached cluster's configuration endpoint tells its clients, in the bytes of AWS's User Guide ("Adding auto
 * discovery to your client library"): a version that grows by one with every change, and `host|ip|port` of every node,
 * in the order of the host names.
 */
export interface MemberNode {
  readonly host: string
  readonly address: string
  readonly port: number
}

export interface Membership {
  readonly version: number
  readonly nodes: readonly MemberNode[]
}

/** `12\nhost|ip|port host|ip|port\n` */
export function renderMembership({ version, nodes }: Membership): string {
  const sorted = nodes.toSorted((a, b) => (a.host < b.host ? -1 : a.host > b.host ? 1 : a.port - b.port))
  return `${version}\n${sorted.map(node => `${node.host}|${node.address}|${node.port}`).join(' ')}\n`
}

/** Undefined where the text is none of ours. */
export function parseMembership(text: string): Membership | undefined {
  const [version = '', line = ''] = text.split('\n')
  if (!/^\d+$/.test(version)) return undefined
  const nodes = line
    .split(' ')
    .filter(part => part !== '')
    .map(part => part.split('|'))
  if (nodes.some(parts => parts.length !== 3 || !/^\d+$/.test(parts[2]!))) return undefined
  return {
    version: Number(version),
    nodes: nodes.map(([host, address, port]) => ({ host: host!, address: address!, port: Number(port) })),
  }
}

export const sameMembers = (a: readonly MemberNode[], b: readonly MemberNode[]): boolean =>
  renderMembership({ version: 0, nodes: a }) === renderMembership({ version: 0, nodes: b })
