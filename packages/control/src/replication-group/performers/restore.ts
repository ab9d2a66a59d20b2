// Takes the files away that data of a snapshot came in.
import type { StepOf } from '../steps.ts'
import { dataFile } from '../rules/restore.ts'
import { forEach, ref, type Turn } from './turn.ts'

export async function discardData(step: StepOf<'discard-data'>, turn: Turn): Promise<void> {
  await forEach(step.nodes, node => turn.options.provider.discard(ref(turn, node), [dataFile]))
  turn.options.restore?.discarded(turn.context.row.arn)
}
