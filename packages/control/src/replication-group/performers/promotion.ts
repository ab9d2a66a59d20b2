/**
 * A replica takes a lost primary's place: its role, its endpoint and, in cluster mode, its very address, in one write.
 * Order: the old primary is ended for good before anybody listens where it did.
 */
import { Unavailable } from '@hotshelf/domain'
import { adoptVerdict } from '../../failure-detector/adopt-verdict.ts'
import { controlTarget, type NodeLook } from '../observe.ts'
import type { StepOf } from '../steps.ts'
import { ref, seen, tell, type Turn } from './turn.ts'

export async function promote(step: StepOf<'promote'>, turn: Turn): Promise<void> {
  const { context, look, options } = turn
  const { desired, row } = context
  const asked = desired.targetPrimary[step.shard]
  if (asked !== undefined && asked !== step.node) await adoptVerdict(options.store, row.arn, step.shard, step.node)
  const node = seen(turn, step.node)
  const lost = step.lost === undefined ? undefined : look.nodes.get(step.lost)
  const gained = gainedAddresses(turn, node, lost)
  if (lost) await options.provider.cutOff(ref(turn, lost.node), gained)
  const listenOn = node.view && gained.length > 0 ? [...node.view.boundAddresses, ...gained] : undefined
  const more = listenOn ? { listenOn } : {}
  await tell(turn, step.node, { do: node.view?.cluster ? 'take-over' : 'promote', ...more })
}

/**
 * The primary that is ended here is well, and may be the only one that is: its successor is asked once more, since the look
 * that the step was planned on may be as old as a busy machine makes it.
 */
export async function failOver(step: StepOf<'fail-over'>, turn: Turn): Promise<void> {
  const { engine, provider } = turn.options
  const { loading, following } = await engine.observe(controlTarget(seen(turn, step.to).place, turn.context), [])
  if (loading || !following?.linkUp) throw new Unavailable(`${step.to} is no longer in sync`)
  await provider.cutOff(ref(turn, step.from), [])
}

/** Endpoints that a primary serves and nobody living holds; in cluster mode the lost node's own address besides. */
function gainedAddresses(turn: Turn, node: NodeLook, lost: NodeLook | undefined): readonly string[] {
  const { look } = turn
  if (look.endpointKind === 'forward' || !node.view) return []
  const held = new Set([...look.nodes.values()].flatMap(other => other.view?.boundAddresses ?? []))
  const clustered = node.view.cluster !== undefined
  const endpoints = look.endpoints
    .filter(({ role }) => role === 'primary' || (clustered && role === 'configuration'))
    .map(place => place.address)
  const own = clustered && lost && lost.place.port === node.place.port ? [lost.place.address] : []
  return [...endpoints, ...own].filter(address => !held.has(address))
}
