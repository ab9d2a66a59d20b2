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
    const fields = line.trim().split(' ')
    const peer = parsePeer(fields)
    peers.push(peer)
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
