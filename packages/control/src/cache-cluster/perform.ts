/** Carries one step out. Decides nothing; each call is idempotent and bounded. */
import {
  type Clock,
  digestOf,
  discoveryNode,
  elasticacheArn,
  type MemcachedEngine,
  type NodeId,
  type NodePlace,
  type NodeProvider,
  type Store,
  Unavailable,
} from '@hotshelf/domain'
import { forEach } from '../replication-group/performers/turn.ts'
import type { ClusterContext } from './context.ts'
import { clustersIn } from './load.ts'
import type { ClusterLook } from './observe.ts'
import { programLabel } from './rules/nodes.ts'
import type { ClusterStep, StepOf } from './steps.ts'

export interface PerformOptions {
  readonly store: Store
  readonly provider: NodeProvider
  readonly memcached: MemcachedEngine
  readonly clock: Clock
  readonly onEffect: (name: string) => void
}

interface Turn {
  readonly context: ClusterContext
  readonly look: ClusterLook
  readonly options: PerformOptions
}

type Performers = { readonly [Do in ClusterStep['do']]: (step: StepOf<Do>, turn: Turn) => Promise<void> }

const ref = (turn: Turn, node: NodeId) => ({ group: turn.context.row.arn, node })

const performers: Performers = {
  wait: async () => {},
  place: (step, turn) => forEach(step.nodes, node => place(turn, node)),
  start: (step, turn) => forEach(step.nodes, node => start(turn, node)),
  restart: (step, turn) =>
    forEach(step.nodes, async node => {
      await turn.options.provider.stop(ref(turn, node), 'now')
      await start(turn, node)
    }),
  fence: (step, turn) => forEach(step.nodes, node => turn.options.provider.cutOff(ref(turn, node), [])),
  announce: async ({ version, members }, turn) => {
    await turn.options.memcached.tellDiscovery(seen(turn, discoveryNode), { version, nodes: members })
    turn.options.onEffect('discovery:told')
  },
  'tell-nodes': (step, turn) =>
    forEach(step.nodes, node => turn.options.memcached.tellNode(seen(turn, node), step.membership)),
  'apply-pending': applyPending,
  retire: (step, turn) => forEach(step.nodes, node => retire(turn, node)),
  'remove-cluster': removeCluster,
}

export function clusterPerformer(options: PerformOptions) {
  return (step: ClusterStep, context: ClusterContext, look: ClusterLook): Promise<void> =>
    (performers[step.do] as (step: ClusterStep, turn: Turn) => Promise<void>)(step, { context, look, options })
}

function seen({ look }: Turn, node: NodeId): NodePlace {
  const found = node === discoveryNode ? look.discovery : look.nodes.get(node)
  if (!found) throw new Unavailable(`${node} has no place any more`)
  return found.place
}

async function place(turn: Turn, node: NodeId): Promise<void> {
  const { desired, row } = turn.context
  await turn.options.provider.place({
    ...ref(turn, node),
    groupName: desired.id,
    port: desired.port,
    transitEncryption: desired.transitEncryption,
    clusterMode: false,
    availabilityZone: desired.nodes.find(({ id }) => id === node)?.availabilityZone ?? `${row.region}a`,
  })
}

async function start(turn: Turn, node: NodeId): Promise<void> {
  const { context, options } = turn
  const at = seen(turn, node)
  await options.provider.certify(ref(turn, node), [])
  if (node === discoveryNode) {
    const membership = context.row.observation?.observed.membership
    const { program, ...files } = options.memcached.renderDiscovery({
      place: at,
      transitEncryption: context.desired.transitEncryption,
      membership,
    })
    const digest = digestOf({ program, arguments: files.arguments })
    return options.provider.start({ ...ref(turn, node), program, ...files, digest, labels: {} })
  }
  if (!context.engine.ok) throw new Unavailable(context.engine.message)
  const { binary } = context.engine
  const { transitEncryption, engineVersion, nodeType, nodes } = context.desired
  const rendered = options.memcached.render({ binary, place: at, flags: context.flags, transitEncryption })
  const labels = {
    program: programLabel(binary),
    version: engineVersion,
    nodeType,
    flags: context.flagsDigest,
    reboot: String(nodes.find(({ id }) => id === node)?.rebootGeneration ?? 0),
  }
  const program = binary.path
  const digest = digestOf({ program, ...rendered, labels })
  await options.provider.start({ ...ref(turn, node), program, ...rendered, digest, labels })
}

async function retire(turn: Turn, node: NodeId): Promise<void> {
  turn.options.memcached.forget(seen(turn, node))
  await turn.options.provider.remove(ref(turn, node))
}

async function applyPending(_step: ClusterStep, { context, options }: Turn): Promise<void> {
  const { arn } = context.row
  await options.store.transaction(async store => {
    const row = await clustersIn(store).get(arn)
    if (!row?.pending) return
    const { pending } = row
    await clustersIn(store).change(arn, desired => ({ ...desired, ...pending }))
    await clustersIn(store).setPending(arn, undefined)
  })
  options.onEffect('row:pending-applied')
}

async function removeCluster(_step: ClusterStep, { context, options }: Turn): Promise<void> {
  const { row } = context
  const arn = elasticacheArn(row, 'cluster', row.name)
  await options.store.transaction(async store => {
    const message = 'Cache cluster deleted'
    const at = options.clock.now()
    await store.events.append(row, { sourceType: 'cache-cluster', sourceId: row.name, arn, message, at })
    await clustersIn(store).remove(row.arn)
  })
  options.onEffect('row:removed')
}
