/**
 * Carries one step out: provider and engine calls, each idempotent and bounded. Decides nothing.
 * Items of a step run side by side; the step fails when one fails, and the next look sees what remains.
 */
import {
  allNodes,
  Bug,
  type CacheEngine,
  type Clock,
  digestOf,
  type EndpointProvider,
  type EndpointRole,
  type EngineCommand,
  type NodeId,
  type NodeProvider,
  type SeedShard,
  shardOf,
  type Store,
  Unavailable,
  usesClusterProtocol,
} from '@hotshelf/domain'
import { adoptVerdict } from '../failure-detector/adopt-verdict.ts'
import type { GroupContext } from './context.ts'
import { controlTarget, type GroupLook, type NodeLook } from './observe.ts'
import { appliedTo } from './rules/configuration.ts'
import type { GroupStep, StepOf } from './steps.ts'
import { givenTo } from './report.ts'
import { everAvailable, slotsOf } from './view.ts'

export interface PerformOptions {
  readonly store: Store
  readonly provider: NodeProvider
  readonly endpoints: EndpointProvider
  readonly engine: CacheEngine
  readonly clock: Clock
  /** Called after every effect on the world: where chaos tests pull the plug. */
  readonly onEffect: (name: string) => void
}

interface Turn {
  readonly context: GroupContext
  readonly look: GroupLook
  readonly options: PerformOptions
}

type Performers = { readonly [Do in GroupStep['do']]: (step: StepOf<Do>, turn: Turn) => Promise<void> }

const performers: Performers = {
  wait: async () => {},
  place: placeNodes,
  start: startNodes,
  fence: (step, turn) => forEach(step.nodes, node => turn.options.provider.stop(ref(turn, node), 'now')),
  form: formCluster,
  forget: (step, turn) => forEach(step.ghosts, ({ node, peerId }) => tell(turn, node, { do: 'forget', peerId })),
  attach: (step, turn) => forEach(step.replicas, pair => attach(turn, pair.node, pair.other)),
  'fail-over': (step, turn) => turn.options.provider.stop(ref(turn, step.from), 'now'),
  promote,
  configure: (step, turn) => forEach(step.nodes, node => configure(turn, node)),
  'set-access': (step, turn) => forEach(step.nodes, node => setAccess(turn, node)),
  'settle-timeout': (step, turn) =>
    forEach(step.nodes, node => {
      const directives = [{ name: 'cluster-node-timeout', value: String(step.timeoutMs) }]
      return tell(turn, node, { do: 'configure', directives })
    }),
  bind: async (step, turn) => {
    // One after the other: an address must be let go before the next node can take it.
    for (const move of step.moves) await tell(turn, move.node, { do: 'bind', addresses: move.addresses })
  },
  route: (step, turn) => forEach(step.routes, route => routeEndpoint(turn, route.role, route.nodes)),
  retire: (step, turn) => forEach(step.nodes, node => retire(turn, node)),
  'remove-group': removeGroup,
}

export function groupPerformer(options: PerformOptions) {
  return (step: GroupStep, context: GroupContext, look: GroupLook): Promise<void> =>
    (performers[step.do] as (step: GroupStep, turn: Turn) => Promise<void>)(step, { context, look, options })
}

/** All items run to their end even when one fails: half a step done is closer to the goal than none. */
async function forEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(items.map(work))
  const failed = results.find((result): result is PromiseRejectedResult => result.status === 'rejected')
  if (failed) throw failed.reason
}

const ref = (turn: Turn, node: NodeId) => ({ group: turn.context.row.arn, node })

/** Step and look come from the same turn; a node that is missing from the look was removed by nobody but us. */
function seen(turn: Turn, node: NodeId): NodeLook {
  const found = turn.look.nodes.get(node)
  if (!found) throw new Unavailable(`${node} has no place any more`)
  return found
}

async function tell(turn: Turn, node: NodeId, command: EngineCommand): Promise<void> {
  await turn.options.engine.perform(controlTarget(seen(turn, node).place, turn.context), command)
  turn.options.onEffect(`engine:${command.do}`)
}

async function placeNodes(step: StepOf<'place'>, turn: Turn): Promise<void> {
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

async function startNodes(step: StepOf<'start'>, turn: Turn): Promise<void> {
  await forEach(step.nodes, item => startNode(turn, item.node, item.follow))
}

/** Peers ping each other every half of it, so a short one spreads roles soon while a cluster forms; `settle-timeout` raises it. */
const formingTimeoutMs = 1000

async function startNode(turn: Turn, node: NodeId, follow: NodeId | undefined): Promise<void> {
  const { context, options } = turn
  if (!context.engine.ok) throw new Unavailable(context.engine.message)
  const place = seen(turn, node).place
  const primary = follow && turn.look.nodes.get(follow)?.place
  const rendered = options.engine.render({
    binary: context.engine.binary,
    place,
    clusterMode: usesClusterProtocol(context.desired),
    transitEncryption: context.desired.transitEncryption,
    directives: context.directives.file,
    maxmemoryBytes: context.maxmemoryBytes,
    controlPassword: context.controlPassword,
    access: context.access,
    follow: primary ? { host: primary.address, port: primary.port } : undefined,
    clusterNodeTimeoutMs: formingTimeoutMs,
    ...clusterSeed(turn),
  })
  const program = context.engine.binary.path
  const labels = {
    access: context.accessDigest,
    // What a program may refuse is not in the file: the node is told while it runs.
    directives: context.directives.refusable.some(({ name }) => !inFile(context, name)) ? '' : context.directivesDigest,
    start: context.startDigest,
    program: `${context.engine.binary.kind} ${context.engine.binary.version}`,
  }
  const digest = digestOf({ program, ...rendered })
  await certify(turn, node)
  await options.provider.start({ ...ref(turn, node), program, ...rendered, digest, labels })
}

/**
 * Any node may come to serve an endpoint, so its certificate names them all. Here and not where addresses are chosen:
 * a node never starts without the right certificate, wherever the work was cut before.
 */
async function certify(turn: Turn, node: NodeId): Promise<void> {
  if (turn.context.desired.transitEncryption === 'off') return
  const subjects = turn.look.endpoints.flatMap(place => [place.address, place.hostname])
  await turn.options.provider.certify(ref(turn, node), [...new Set(subjects)])
}

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

async function formCluster(step: StepOf<'form'>, turn: Turn): Promise<void> {
  // Epochs first: a node that knows others refuses one.
  await forEach(step.epochs, item => tell(turn, item.node, { do: 'set-config-epoch', epoch: item.epoch }))
  const introductions = forEach(step.meet, pair => {
    const { address, port, busPort } = seen(turn, pair.other).place
    return tell(turn, pair.node, { do: 'meet', host: address, port, busPort })
  })
  const slots = forEach(step.slots, item => tell(turn, item.node, { do: 'add-slots', ranges: item.ranges }))
  await Promise.all([introductions, slots])
}

async function attach(turn: Turn, node: NodeId, primary: NodeId): Promise<void> {
  const target = seen(turn, primary)
  if (!usesClusterProtocol(turn.context.desired)) {
    return tell(turn, node, { do: 'follow', host: target.place.address, port: target.place.port })
  }
  const primaryId = target.view?.cluster?.myId
  if (!primaryId) throw new Unavailable(`${primary} did not tell its cluster id`)
  await tell(turn, node, { do: 'replicate', primaryId })
}

/** The new primary takes the endpoint in the same breath; the others are attached by the next turn. */
async function promote(step: StepOf<'promote'>, turn: Turn): Promise<void> {
  const desired = turn.context.desired
  await adoptVerdict(turn.options.store, turn.context.row.arn, step.shard, step.node)
  if (usesClusterProtocol(desired)) return tell(turn, step.node, { do: 'take-over' })
  await tell(turn, step.node, { do: 'promote' })
  const endpoint = turn.look.endpoints.find(place => place.role === 'primary')
  const view = seen(turn, step.node).view
  if (turn.look.endpointKind === 'forward' || !endpoint || !view || !shardOf(desired, step.node)) return
  const addresses = [...new Set([...view.boundAddresses, endpoint.address])]
  await tell(turn, step.node, { do: 'bind', addresses })
}

async function configure(turn: Turn, node: NodeId): Promise<void> {
  const { directives, maxmemoryBytes, directivesDigest } = turn.context
  const maxmemory = { name: 'maxmemory', value: String(maxmemoryBytes) }
  await tell(turn, node, { do: 'configure', directives: [...directives.live, maxmemory] })
  for (const directive of directives.refusable) {
    await tell(turn, node, { do: 'configure', directives: [directive] }).catch(error => {
      if (!(error instanceof Bug)) throw error
    })
  }
  await remember(turn, node, { directives: directivesDigest })
}

async function setAccess(turn: Turn, node: NodeId): Promise<void> {
  await tell(turn, node, { do: 'set-access', access: turn.context.access })
  await remember(turn, node, { access: turn.context.accessDigest })
}

/** What a running node was given is kept with the observation: a turn that is cut here gives it once more. */
async function remember(turn: Turn, node: NodeId, given: { access?: string; directives?: string }): Promise<void> {
  const look = seen(turn, node)
  const before = appliedTo(turn.look, look)
  const startedAt = look.launched?.at.toISOString() ?? ''
  await givenTo(turn.options.store, turn.context.row.arn, node, {
    startedAt,
    access: given.access ?? before.access ?? '',
    directives: given.directives ?? before.directives ?? '',
  })
}

async function routeEndpoint(turn: Turn, role: EndpointRole, nodes: readonly NodeId[]): Promise<void> {
  const targets = nodes.map(node => seen(turn, node).place).map(place => ({ host: place.address, port: place.port }))
  await turn.options.endpoints.publish(turn.context.row.arn, role, targets)
}

async function retire(turn: Turn, node: NodeId): Promise<void> {
  const look = turn.look.nodes.get(node)
  if (look) turn.options.engine.forget(look.place)
  await turn.options.provider.remove(ref(turn, node))
}

async function removeGroup(_step: StepOf<'remove-group'>, turn: Turn): Promise<void> {
  const { row } = turn.context
  await turn.options.endpoints.release(row.arn)
  await turn.options.store.transaction(async store => {
    const event = { sourceType: 'replication-group', sourceId: row.name, arn: row.arn } as const
    await store.events.append(row, {
      ...event,
      message: `Replication group ${row.name} deleted`,
      at: turn.options.clock.now(),
    })
    await store.replicationGroups.remove(row.arn)
  })
  turn.options.onEffect('row:removed')
}
