// Who knows whom, who leads and who follows.
import { type NodeId, shardOf, Unavailable, usesClusterProtocol } from '@hotshelf/domain'
import { adoptVerdict } from '../../failure-detector/adopt-verdict.ts'
import type { StepOf } from '../steps.ts'
import { forEach, seen, tell, type Turn } from './turn.ts'

export async function formCluster(step: StepOf<'form'>, turn: Turn): Promise<void> {
  // Epochs first: a node that knows others refuses one.
  await forEach(step.epochs, item => tell(turn, item.node, { do: 'set-config-epoch', epoch: item.epoch }))
  const introductions = forEach(step.meet, pair => {
    const { address, port, busPort } = seen(turn, pair.other).place
    return tell(turn, pair.node, { do: 'meet', host: address, port, busPort })
  })
  const slots = forEach(step.slots, item => tell(turn, item.node, { do: 'add-slots', ranges: item.ranges }))
  await Promise.all([introductions, slots])
}

export async function attach(turn: Turn, node: NodeId, primary: NodeId): Promise<void> {
  const target = seen(turn, primary)
  if (!usesClusterProtocol(turn.context.desired)) {
    return tell(turn, node, { do: 'follow', host: target.place.address, port: target.place.port })
  }
  const primaryId = target.view?.cluster?.myId
  if (!primaryId) throw new Unavailable(`${primary} did not tell its cluster id`)
  await tell(turn, node, { do: 'replicate', primaryId })
}

/** The new primary takes the endpoint in the same breath; the others are attached by the next turn. */
export async function promote(step: StepOf<'promote'>, turn: Turn): Promise<void> {
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
