// Places nodes, starts them with what they must know, and takes them away.
import {
  allNodes,
  digestOf,
  type Directive,
  keepsLog,
  logDirectory,
  type NodeId,
  type SeedShard,
  shardOf,
  Unavailable,
  usesClusterProtocol,
} from '@hotshelf/domain'
import { identities } from '../../access/load-users.ts'
import type { GroupContext } from '../context.ts'
import { programLabel } from '../rules/rollout.ts'
import type { StepOf } from '../steps.ts'
import { clusterJoin, isConfined, speaksCluster, startsInCluster, wantsCluster } from '../rules/cluster-change.ts'
import { isLogged } from '../rules/durability.ts'
import { dataPipe, loadsData } from '../rules/restore.ts'
import { everAvailable, olderClaim, successorOf, slotsOf } from '../view.ts'
import { forEach, ref, seen, type Turn } from './turn.ts'

export async function placeNodes(step: StepOf<'place'>, turn: Turn): Promise<void> {
  const { desired, row } = turn.context
  const { endpoints, provider } = turn.options
  const { transitEncryption } = desired
  const common = { group: row.arn, groupName: desired.id, port: desired.port, transitEncryption } as const
  for (const role of step.endpoints) await endpoints.claim({ ...common, role })
  const zones = new Map(allNodes(desired).map(node => [node.id, node.availabilityZone]))
  const clusterMode = usesClusterProtocol(desired)
  await forEach(step.nodes, async node => {
    const availabilityZone = zones.get(node) ?? `${row.region}a`
    await provider.place({ ...common, node, availabilityZone, clusterMode })
  })
}

export async function startNodes(step: StepOf<'start'>, turn: Turn): Promise<void> {
  await forEach(step.nodes, item => startNode(turn, item.node, item.follow, step.fromLog))
}

/** Peers ping each other every half of it, so a short one spreads roles soon while a cluster forms; `node-timeout` raises it. */
const formingTimeoutMs = 1000

/** While the primary does not speak the protocol, its silence on the bus must count for nothing: a day never passes. */
const changingTimeoutMs = 86_400_000

export async function startNode(turn: Turn, node: NodeId, follow: NodeId | undefined, fromLog = false): Promise<void> {
  const { context, options } = turn
  if (!context.engine.ok) throw new Unavailable(context.engine.message)
  const place = seen(turn, node).place
  const primary = follow && turn.look.nodes.get(follow)?.place
  const { look } = turn
  const clusterMode = startsInCluster(context, look, node, fromLog)
  const shard = shardOf(context.desired, node)
  const join = clusterMode && shard ? clusterJoin(context, look, shard, node) : undefined
  const successor = clusterMode && !join && shard ? successorOf(context, look, shard, node) : undefined
  const replaced = successor && { configEpoch: olderClaim(look, successor, node) }
  const confined = context.changesTo !== undefined && isConfined(context, look, seen(turn, node))
  const loads = loadsData(context, look, node)
  const rendered = options.engine.render({
    binary: context.engine.binary,
    place,
    clusterMode,
    transitEncryption: context.desired.transitEncryption,
    // A node that keeps a log reads nothing but that; the log begins once the data is there.
    directives: loads ? withoutLog(context.directives.file) : context.directives.file,
    maxmemoryBytes: context.maxmemoryBytes,
    controlPassword: context.controlPassword,
    access: context.access,
    follow: primary && !clusterMode ? { host: primary.address, port: primary.port } : undefined,
    clusterNodeTimeoutMs: context.changesTo === undefined ? formingTimeoutMs : changingTimeoutMs,
    ...(clusterMode && (join ? { clusterJoin: join } : clusterSeed(turn))),
    ...(replaced && { replaced }),
    onlyDatabase0: confined,
    ...(loads && { loadFrom: dataPipe }),
  })
  const program = context.engine.binary.path
  const labels = {
    protocol: clusterMode ? 'cluster' : 'classic',
    // One that is not kept to database 0 is told while it runs, once its other databases are empty.
    access: context.changesTo === undefined || clusterMode || confined ? context.accessDigest : '',
    names: JSON.stringify(identities(context.access)),
    // What a program may refuse is not in the file: the node is told while it runs.
    directives:
      loads || context.directives.refusable.some(({ name }) => !inFile(context, name)) ? '' : context.directivesDigest,
    start: context.startDigest,
    program: programLabel(context.engine.binary),
    nodeType: context.desired.nodeType,
    ...(replaced && { replaced: String(replaced.configEpoch) }),
    reboot: String(allNodes(context.desired).find(({ id }) => id === node)?.rebootGeneration ?? 0),
  }
  const digest = digestOf({ program, ...rendered, labels })
  // A log that is not whole would bring back data from long ago.
  const known = speaksCluster(look.nodes.get(node))
  // Nor is one of the old protocol read by the new: it may name databases that are no more.
  const readable = known === undefined ? !join : known === clusterMode
  const without = [
    ...(keepsLog(context.desired) && isLogged(look, node) && readable ? [] : [logDirectory]),
    ...(loads ? [] : [dataPipe]),
  ]
  await certify(turn, node)
  const pipe = loads ? { pipe: dataPipe } : {}
  await options.provider.start({ ...ref(turn, node), program, ...rendered, digest, labels, without, ...pipe })
}

/**
 * Any node may come to serve an endpoint, so its certificate names them all. Here and not where addresses are chosen:
 * a node never starts without the right certificate, wherever the work was cut before.
 */
export async function certify(turn: Turn, node: NodeId): Promise<void> {
  if (turn.context.desired.transitEncryption === 'off') return
  const shard = shardOf(turn.context.desired, node)?.nodes ?? []
  // A promoted node answers on the address of the one it replaced.
  const mates = wantsCluster(turn.context) ? shard.flatMap(mate => turn.look.nodes.get(mate.id) ?? []) : []
  const places = [...turn.look.endpoints, ...mates.map(mate => mate.place)]
  const subjects = places.flatMap(place => [place.address, place.hostname])
  await turn.options.provider.certify(ref(turn, node), [...new Set(subjects)])
}

const withoutLog = (directives: readonly Directive[]): readonly Directive[] =>
  directives.map(directive => (directive.name === 'appendonly' ? { ...directive, value: 'no' } : directive))

const inFile = (context: GroupContext, name: string): boolean =>
  context.directives.file.some(directive => directive.name === name)

/** Past this, everybody connecting to everybody at once costs more than introductions save (90 nodes: a minute, against two seconds). */
const mostSeeded = 24

/** Only where every node is new: a cluster that ever ran must be found as it is. */
function clusterSeed({ context, look }: Turn): { readonly clusterSeed?: readonly SeedShard[] } {
  const { desired } = context
  if (!usesClusterProtocol(desired) || everAvailable(look) || allNodes(desired).length > mostSeeded) return {}
  const shards = desired.shards.map(shard => {
    const places = shard.nodes.map(node => look.nodes.get(node.id)?.place).filter(place => place !== undefined)
    return { slots: slotsOf(shard), nodes: places }
  })
  const complete = shards.every((shard, i) => shard.nodes.length === desired.shards[i]?.nodes.length)
  return complete ? { clusterSeed: shards } : {}
}

export async function retire(turn: Turn, node: NodeId): Promise<void> {
  const look = turn.look.nodes.get(node)
  if (look) turn.options.engine.forget(look.place)
  await turn.options.provider.remove(ref(turn, node))
}
