/**
 * Restarts nodes in place, and lets a living primary hand its role over.
 * The order of a hand-over is the safety argument: writes are held back, the replica holds everything, the old primary can
 * take no write any more, and only then the new one can. Cut anywhere, at most one of them takes writes, and both hold the
 * same; the pause ends by itself.
 */
import { type NodeId, shardOf, Unavailable } from '@hotshelf/domain'
import { dropRequest } from '../../failure-detector/adopt-verdict.ts'
import { controlTarget } from '../observe.ts'
import { rememberPrimary } from '../report.ts'
import type { StepOf } from '../steps.ts'
import { startNode } from './nodes.ts'
import { actingPrimary } from '../view.ts'
import { forEach, seen, tell, type Turn } from './turn.ts'

export const restartNodes = (step: StepOf<'restart'>, turn: Turn): Promise<void> =>
  forEach(step.nodes, async ({ node, follow }) => {
    await askPrimaryOf(node, turn)
    await startNode(turn, node, follow)
  })

/**
 * The look that the step was planned on may be as old as a busy machine makes it. Had the primary ended meanwhile, the replica
 * that is to be restarted beside it would be all that is left of the data. Throws Unavailable where it does not answer.
 */
async function askPrimaryOf(node: NodeId, { context, look, options }: Turn): Promise<void> {
  const shard = shardOf(context.desired, node)
  const primary = shard && actingPrimary(context, look, shard)
  if (primary && primary.node !== node) await options.engine.ping(controlTarget(primary.place, context), askMs)
}

const askMs = 1000

export async function handOver(step: StepOf<'hand-over'>, turn: Turn): Promise<void> {
  const { store, clock } = turn.options
  const { row, desired } = turn.context
  // Another wish than this would end the new primary's process. The wish itself stays: cut off here, it is still to be done.
  if (desired.targetPrimary[step.shard] !== step.to) await dropRequest(store, row.arn, step.shard)
  if (seen(turn, step.from).view?.cluster) await tell(turn, step.to, { do: 'hand-over' })
  else await exchangeRoles(step, turn)
  await rememberPrimary(store, turn.context, { shard: step.shard, node: step.to, at: clock.now() })
}

/** Long enough for a busy machine, short enough for clients that wait: their own timeouts are seconds. */
const pauseMs = 3000
const catchUpMs = 1000
/** A replication stream's own heartbeat, `PING`, is all that may be written while customers are held back. */
const heartbeatBytes = 14

async function exchangeRoles({ from, to }: StepOf<'hand-over'>, turn: Turn): Promise<void> {
  const { place } = seen(turn, to)
  await tell(turn, from, { do: 'pause-writes', forMs: pauseMs })
  try {
    const agreed = await offsetOf(turn, from)
    await tell(turn, to, { do: 'catch-up', offset: agreed, withinMs: catchUpMs })
    await tell(turn, from, { do: 'follow', host: place.address, port: place.port })
    // Had the pause run out on the way, something was written that the other does not hold: then everything stays as it was.
    if ((await offsetOf(turn, from)) > agreed + heartbeatBytes) {
      await tell(turn, from, { do: 'promote' })
      throw new Unavailable(`${from} took writes while it handed over to ${to}`)
    }
    // One that speaks the cluster protocol already takes the slots of the node at whose address it follows.
    await tell(turn, to, { do: seen(turn, to).view?.cluster ? 'take-over' : 'promote' })
    await moveClients(turn, from, to)
  } finally {
    await tell(turn, from, { do: 'resume-writes' }).catch(() => {})
  }
}

async function offsetOf(turn: Turn, node: NodeId): Promise<number> {
  return (await turn.options.engine.observe(controlTarget(seen(turn, node).place, turn.context), [])).offset
}

/** The endpoint goes to the new primary; who waits on the old one is cut, and comes back to the new. */
async function moveClients(turn: Turn, from: NodeId, to: NodeId): Promise<void> {
  const endpoint = turn.look.endpoints.find(place => place.role === 'primary')
  const [old, next] = [seen(turn, from), seen(turn, to)]
  if (!endpoint) return
  if (turn.look.endpointKind === 'forward') {
    const targets = [{ host: next.place.address, port: next.place.port }]
    return turn.options.endpoints.publish(turn.context.row.arn, 'primary', targets)
  }
  const kept = old.view?.boundAddresses.filter(address => address !== endpoint.address) ?? [old.place.address]
  await tell(turn, from, { do: 'bind', addresses: kept })
  const taken = [...new Set([...(next.view?.boundAddresses ?? [next.place.address]), endpoint.address])]
  await tell(turn, to, { do: 'bind', addresses: taken })
  const { port, tlsPort } = old.place
  for (const each of tlsPort === undefined ? [port] : [port, tlsPort]) {
    await tell(turn, from, { do: 'cut-clients', address: endpoint.address, port: each })
  }
}
