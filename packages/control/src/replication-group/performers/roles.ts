// Who knows whom, who leads and who follows.
import { type NodeId, Unavailable } from '@hotshelf/domain'
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
  if (!seen(turn, node).view?.cluster) {
    return tell(turn, node, { do: 'follow', host: target.place.address, port: target.place.port })
  }
  const primaryId = target.view?.cluster?.myId
  if (!primaryId) throw new Unavailable(`${primary} did not tell its cluster id`)
  await tell(turn, node, { do: 'replicate', primaryId })
}
