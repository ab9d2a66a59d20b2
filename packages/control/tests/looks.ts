/** Looks at a group, made by hand: what a rule is shown in a table test. */
import {
  type ClusterPeer,
  type EngineView,
  type NodeId,
  type ReplicationGroupObserved,
  shardId,
} from '@hotshelf/domain'
import type { GroupContext } from '../src/replication-group/context.ts'
import type { GroupLook, NodeLook } from '../src/replication-group/observe.ts'
import { aRow, arn } from './model-world.ts'

/** A desired group: `shards` of one primary and `replicas`. */
export function aContext(shards: number, replicas: number, changes: Partial<GroupContext> = {}): GroupContext {
  const row = aRow({ shards, replicas, automaticFailover: true })
  return {
    row,
    desired: row.desired,
    engine: { ok: true, binary: { kind: 'valkey', version: '8.0.1', path: '/usr/bin/valkey-server' } },
    directives: { file: [], live: [], refusable: [] },
    maxmemoryBytes: 1,
    controlPassword: 'p',
    access: { mode: 'open' },
    directivesDigest: 'd1',
    accessDigest: 'a1',
    startDigest: 's1',
    pendingIsDue: false,
    ...changes,
  }
}

export const addressOf = (node: NodeId): string =>
  `127.80.0.${Number(node.slice(-3)) + 10 * Number(/-(\d{4})-/.exec(node)?.[1] ?? 0)}`

export function aNode(node: NodeId, changes: Partial<NodeLook> = {}): NodeLook {
  return {
    group: arn,
    node,
    place: {
      group: arn,
      node,
      address: addressOf(node),
      port: 6379,
      tlsPort: undefined,
      busPort: 16379,
      hostname: addressOf(node),
      controlSocket: `/sockets/${node}`,
      directory: `/nodes/${node}`,
      tls: undefined,
    },
    running: true,
    frozen: false,
    pid: 1,
    launched: { digest: 'x', labels: { access: 'a1', directives: 'd1' }, at: new Date(0) },
    exit: undefined,
    view: undefined,
    silentMs: 0,
    silence: undefined,
    ...changes,
  }
}

export const clusterId = (node: NodeId): string => `id-${node}`

/** As others of its cluster know a node that is a primary without slots. */
export const aPeer = (node: NodeId, changes: Partial<ClusterPeer> = {}): ClusterPeer => ({
  id: clusterId(node),
  host: addressOf(node),
  port: 6379,
  busPort: 16379,
  role: 'primary',
  primaryId: undefined,
  known: true,
  health: 'ok',
  linkUp: true,
  configEpoch: 0,
  slots: [],
  ...changes,
})

export function aView(node: NodeId, changes: Partial<EngineView> = {}): EngineView {
  return {
    version: '8.0.1',
    role: 'primary',
    loading: false,
    offset: 0,
    following: undefined,
    followers: [],
    boundAddresses: [addressOf(node)],
    directives: {},
    cluster: undefined,
    usedMemoryBytes: 1,
    ...changes,
  }
}

export const endpoint = (role: 'primary' | 'reader', address: string) => ({
  role,
  address,
  port: 6379,
  hostname: address,
  targets: undefined,
})

export function aLook(nodes: readonly NodeLook[], memory?: Partial<ReplicationGroupObserved>): GroupLook {
  return {
    nodes: new Map(nodes.map(node => [node.node, node])),
    endpoints: [endpoint('primary', '127.80.9.1'), endpoint('reader', '127.80.9.2')],
    endpointKind: 'bind',
    memory: memory && {
      everAvailable: true,
      settled: true,
      failure: undefined,
      nodes: {},
      primaryOf: {},
      endpoints: { primary: undefined, reader: undefined, configuration: undefined },
      applied: {},
      ...memory,
    },
  }
}

export const [one, two, three] = ['g-001', 'g-002', 'g-003'] as [NodeId, NodeId, NodeId]
export const replicaOf = (node: NodeId, primary: NodeId, changes: Partial<EngineView> = {}): NodeLook =>
  aNode(node, {
    view: aView(node, {
      role: 'replica',
      following: { host: addressOf(primary), port: 6379, linkUp: true, receiving: true },
      ...changes,
    }),
  })
export const primaryWith = (node: NodeId, followers: readonly NodeId[], bound: readonly string[] = []): NodeLook =>
  aNode(node, {
    view: aView(node, {
      followers: followers.map(f => ({ host: addressOf(f), port: 6379, online: true, offset: 0, lagSeconds: 0 })),
      boundAddresses: [addressOf(node), ...bound],
    }),
  })
export const remembering = (primary: NodeId): Partial<ReplicationGroupObserved> => ({
  primaryOf: { [shardId(1)]: primary },
})
