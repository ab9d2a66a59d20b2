/**
 * Host names in the shapes that ElastiCache gives them (User Guide, "Finding connection endpoints"), below our own zone.
 * Pure. `<hash>` is stable per account and region, as AWS's looks to be.
 */
import { createHash } from 'node:crypto'
import { type Arn, Bug, type EndpointRole, type NodeId, parseArn } from '@hotshelf/domain'

/** Answers for names; what is published here can be resolved at once. */
export interface NameService {
  /** `cache.<zone>` ends every name. */
  readonly zone: string
  publish(hostname: string, addresses: readonly string[]): void
  withdraw(hostname: string): void
}

export interface NameRequest {
  readonly group: Arn
  readonly groupName: string
  /** AWS names differ between groups made with and without TLS. */
  readonly tls: boolean
}

/** `master.orders.1a2b3c.use1.cache.<zone>` with TLS, `orders.1a2b3c.ng.0001.use1.cache.<zone>` without. */
export function endpointHostname(request: NameRequest & { readonly role: EndpointRole }, zone: string): string {
  const { hash, region, type } = namespaceOf(request.group)
  const end = `${region}.cache.${zone}`
  const name = request.groupName
  if (type === 'cluster') return `${name}.${hash}.cfg.${end}`
  if (request.role === 'configuration') {
    return request.tls ? `clustercfg.${name}.${hash}.${end}` : `${name}.${hash}.clustercfg.${end}`
  }
  if (request.role === 'primary')
    return request.tls ? `master.${name}.${hash}.${end}` : `${name}.${hash}.ng.0001.${end}`
  return request.tls ? `replica.${name}.${hash}.${end}` : `${name}-ro.${hash}.ng.0001.${end}`
}

/** `orders-001.orders.1a2b3c.use1…` with TLS, `orders-001.1a2b3c.0001.use1…` without; nodes of a cache cluster are numbers: `sessions.1a2b3c.0002.use1…`. */
export function nodeHostname(request: NameRequest & { readonly node: NodeId }, zone: string): string {
  const { hash, region, type } = namespaceOf(request.group)
  const end = `${region}.cache.${zone}`
  if (type === 'cluster') {
    // The process behind a Memcached cluster's configuration endpoint has a place like a node.
    if (request.node === 'cfg') return endpointHostname({ ...request, role: 'configuration' }, zone)
    const number = /^\d{4}$/.test(request.node) ? request.node : '0001'
    return `${request.groupName}.${hash}.${number}.${end}`
  }
  return request.tls ? `${request.node}.${request.groupName}.${hash}.${end}` : `${request.node}.${hash}.0001.${end}`
}

/** `us-east-1` → `use1`, `ap-northeast-1` → `apne1`. */
export function regionCode(region: string): string {
  const [country = '', ...rest] = region.split('-')
  return country + rest.map(part => directions[part] ?? (/^\d+$/.test(part) ? part : part.slice(0, 1))).join('')
}

const directions: Readonly<Record<string, string>> = {
  northeast: 'ne',
  northwest: 'nw',
  southeast: 'se',
  southwest: 'sw',
}

function namespaceOf(group: Arn): { readonly hash: string; readonly region: string; readonly type: string } {
  const arn = parseArn(group)
  if (!arn) throw new Bug(`not an ARN: ${group}`)
  const digest = createHash('sha256').update(`${arn.account}/${arn.region}`).digest()
  const hash = digest.readUIntBE(0, 6).toString(36).padStart(6, '0').slice(-6)
  return { hash, region: regionCode(arn.region), type: arn.type }
}
