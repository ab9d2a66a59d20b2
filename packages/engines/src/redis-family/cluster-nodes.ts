/**
 * Reads CLUSTER NODES, the one text format that tells all of a cluster as one node sees it. Pure.
 * `<id> <host:port@busPort[,hostname[,name=value…]]> <flags> <primary id|-> <ping> <pong> <epoch> <link> [slots…]`, where a
 * slot entry is `7`, `0-5460`, or on the node's own line an open slot: `[93-<-source]`, `[77->-target]`.
 */
import type { ClusterPeer, ClusterView, SlotRange } from '@hotshelf/domain'

export type ClusterNodes = Pick<ClusterView, 'myId' | 'peers' | 'migrating' | 'importing'>

export function parseClusterNodes(text: string): ClusterNodes {
  const peers: ClusterPeer[] = []
  const migrating: Record<number, string> = {}
  const importing: Record<number, string> = {}
  let myId = ''
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    const peer = parseLine(line.trim())
    peers.push(peer)
    if (!line.includes('myself')) continue
    const fields = line.trim().split(' ')
    if (!flagsOf(fields).has('myself')) continue
    myId = peer.id
    for (const entry of fields.slice(8)) {
      const open = /^\[(\d+)-([<>])-(\w+)\]$/.exec(entry)
      if (!open) continue
      const [, slot, direction, other] = open
      ;(direction === '>' ? migrating : importing)[Number(slot)] = other as string
    }
  }
  return { myId, peers, migrating, importing }
}

/**
 * Of a cluster of n nodes every look reads n × n lines, and nearly all of them were read before: but for the two times of
 * its last ping and pong a line is the same in every look, and mostly in every node's answer. Parsed once, it is shared.
 */
const parsed = new Map<string, ClusterPeer>()
const mostRemembered = 20_000

function parseLine(line: string): ClusterPeer {
  let pingAt = -1
  for (let field = 0; field < 4; field++) pingAt = line.indexOf(' ', pingAt + 1)
  const pongAt = line.indexOf(' ', pingAt + 1)
  const epochAt = line.indexOf(' ', pongAt + 1)
  // A line of another form than expected is read as it is, every time.
  if (pingAt < 0 || pongAt < 0 || epochAt < 0) return parsePeer(line.split(' '))
  const key = line.slice(0, pingAt) + line.slice(epochAt)
  const known = parsed.get(key)
  if (known) return known
  if (parsed.size >= mostRemembered) parsed.clear()
  const peer = parsePeer(line.split(' '))
  parsed.set(key, peer)
  return peer
}

function parsePeer(fields: readonly string[]): ClusterPeer {
  const [id = '', address = '', , primary = '-', , , epoch = '0', link = ''] = fields
  const flags = flagsOf(fields)
  return {
    id,
    ...parseAddress(address),
    role: flags.has('slave') ? 'replica' : 'primary',
    primaryId: primary === '-' ? undefined : primary,
    known: !flags.has('handshake') && !flags.has('noaddr'),
    health: flags.has('fail') ? 'failed' : flags.has('fail?') ? 'failing' : 'ok',
    linkUp: link === 'connected',
    configEpoch: Number(epoch),
    slots: fields.slice(8).flatMap(parseSlots),
  }
}

const flagsOf = (fields: readonly string[]): ReadonlySet<string> => new Set((fields[2] ?? '').split(','))

/** The host is empty until a node knows its own address, and an IPv6 address has colons of its own. */
function parseAddress(address: string): { readonly host: string; readonly port: number; readonly busPort: number } {
  const [beforeBus = '', afterBus = ''] = address.split('@')
  const colon = beforeBus.lastIndexOf(':')
  return {
    host: beforeBus.slice(0, colon),
    port: Number(beforeBus.slice(colon + 1)),
    busPort: Number.parseInt(afterBus, 10),
  }
}

function parseSlots(entry: string): readonly SlotRange[] {
  if (entry.startsWith('[')) return []
  const [from, to = from] = entry.split('-').map(Number)
  return from === undefined || to === undefined ? [] : [{ from, to }]
}
