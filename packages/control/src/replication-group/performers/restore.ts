// Starts the nodes that load the data of a snapshot, and begins to feed them.
import type { StepOf } from '../steps.ts'
import { startNode } from './nodes.ts'
import { forEach, ref, seen, type Turn } from './turn.ts'

export async function bringData(step: StepOf<'bring-data'>, turn: Turn): Promise<void> {
  await forEach(step.nodes, async node => {
    // One that waits in vain runs with the very launch that it is to have.
    if (seen(turn, node).running) await turn.options.provider.stop(ref(turn, node), 'now')
    await startNode(turn, node, undefined)
  })
  turn.options.restore?.begin(turn.context.row, step.nodes)
}
