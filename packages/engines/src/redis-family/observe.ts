/**
 * One node's own view of itself and its peers, in one round trip: the commands to write together, and how their replies
 * become an EngineView. Pure.
 */
import { Bug, type ClusterView, type EngineView } from '@hotshelf/domain'
import type { Command, Reply } from '../control-connection.ts'
import { parseClusterNodes } from './cluster-nodes.ts'
import { type Info, numberIn, parseInfo, replicationIn, versionIn } from './info.ts'
import { refusalOf, textOf } from './refusals.ts'

export interface ObserveRequest {
  readonly clusterMode: boolean
  /** The name that CONFIG answers to on this node. */
  readonly config: string
  readonly directives: readonly string[]
}

export const observeCommands = ({ clusterMode, config, directives }: ObserveRequest): readonly Command[] => [
  ['INFO', 'server', 'memory', 'persistence', 'replication'],
  [config, 'GET', 'bind', ...directives],
  // Asked without cluster mode they would only raise the error count that customers see.
  ...(clusterMode
    ? ([
        ['CLUSTER', 'NODES'],
        ['CLUSTER', 'INFO'],
      ] as const)
    : []),
]

export function readView(request: ObserveRequest, replies: readonly Reply[]): EngineView {
  const [infoReply, configReply, nodesReply, clusterReply] = replies
  const info = parseInfo(textOf('INFO', infoReply))
  const loading = info.get('loading') === '1'
  const { bind = '', ...directives } = directivesOf(configReply)
  const cluster = request.clusterMode ? clusterView(nodesReply, clusterReply, loading) : undefined
  const replication = replicationIn(info)
  return {
    version: versionIn(info),
    ...replication,
    // A replica whose primary has no address yet calls itself a master in INFO; the cluster's word counts.
    role: cluster?.peers.find(peer => peer.id === cluster.myId)?.role ?? replication.role,
    loading,
    boundAddresses: bind.split(' ').filter(address => address !== ''),
    directives: request.directives.includes('bind') ? { bind, ...directives } : directives,
    cluster,
    usedMemoryBytes: numberIn(info, 'used_memory'),
    log: logState(info),
  }
}

/** A flat list of names and values. The engine leaves out what it does not know, and answers each name only once. */
function directivesOf(reply: Reply | undefined): Record<string, string> {
  if (!Array.isArray(reply)) textOf('CONFIG GET', reply)
  const flat = reply as readonly Reply[]
  const values: Record<string, string> = {}
  for (let i = 0; i + 1 < flat.length; i += 2) values[String(flat[i])] = String(flat[i + 1])
  return values
}

function clusterView(nodes: Reply | undefined, info: Reply | undefined, loading: boolean): ClusterView | undefined {
  // CLUSTER answers nothing but LOADING until the data set is there.
  if (loading && (refusalOf(nodes) || refusalOf(info))) return undefined
  const state = parseInfo(textOf('CLUSTER INFO', info))
  const parsed = parseClusterNodes(textOf('CLUSTER NODES', nodes))
  if (parsed.myId === '') throw new Bug('CLUSTER NODES has no line of the node itself')
  return { ...parsed, ok: state.get('cluster_state') === 'ok', currentEpoch: numberIn(state, 'cluster_current_epoch') }
}

/** A log that was just turned on counts once its first rewrite is done; until then one is under way or scheduled. */
function logState(info: Info): NonNullable<EngineView['log']> {
  if (info.get('aof_enabled') !== '1') return 'off'
  const rewriting = info.get('aof_rewrite_in_progress') === '1' || info.get('aof_rewrite_scheduled') === '1'
  return rewriting ? 'starting' : 'on'
}
