/**
 * Copies data between fake nodes, one beat at a time: a replica first has no link, then receives a whole copy,
 * then, a beat later, the stream.
 * What a primary wrote since the last beat is lost with it, as with the real engines' asynchronous replication.
 */
import { restartLog } from './log.ts'
import { answers, type FakeNode } from './node.ts'

export function replicateOnce(nodes: readonly FakeNode[]): void {
  // The state before the beat decides, so the order of nodes does not.
  const sources = new Map(nodes.map(node => [node, sourceOf(node, nodes)]))
  for (const [node, source] of sources) {
    if (node.role !== 'replica' || !answers(node)) continue
    if (!source?.running || source.isolated || node.isolated) node.link = 'down'
    else if (!source.frozen) advance(node, source)
  }
}

function advance(node: FakeNode, source: FakeNode): void {
  if (node.link === 'down') {
    node.link = 'copying'
    return
  }
  if (node.link === 'copying') restartLog(node)
  node.link = node.link === 'copying' ? 'copied' : 'up'
  node.data.clear()
  for (const [key, value] of source.data) node.data.set(key, value)
  node.offset = source.offset
  node.otherData.clear()
  for (const [key, value] of source.otherData) node.otherData.set(key, value)
  // It knows one database only: what was written to another is taken for a write to this one.
  if (node.membership) for (const [key, value] of source.otherData) node.data.set(key, value)
}

/** Lets the writes go that were held back. */
export function resume(node: FakeNode): void {
  node.pausedUntil = undefined
  for (const goOn of node.waiting.splice(0)) goOn()
}

/** Whom a replica copies from: a process that listens on the address it follows. */
export function sourceOf(node: FakeNode, nodes: readonly FakeNode[]): FakeNode | undefined {
  const from = followed(node)
  return from && nodes.find(other => other !== node && listensOn(other, from.host, from.port))
}

/** The address that a replica follows, also in cluster mode, where its primary's id stands for it. */
export function followed(node: FakeNode): { readonly host: string; readonly port: number } | undefined {
  if (node.role !== 'replica') return undefined
  const { membership } = node
  if (!membership) return node.follow
  return membership.primaryId === undefined ? undefined : membership.peers.get(membership.primaryId)
}

export const listensOn = (node: FakeNode, host: string, port: number): boolean =>
  node.running && node.bound.includes(host) && (port === node.place.port || port === node.place.tlsPort)
