// The end of a group: its addresses, then its row.
import type { StepOf } from '../steps.ts'
import type { Turn } from './turn.ts'

export async function removeGroup(_step: StepOf<'remove-group'>, turn: Turn): Promise<void> {
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
