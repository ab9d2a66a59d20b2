// The end of a group: its addresses, then its row.
import { eventSource } from '@hotshelf/domain'
import type { StepOf } from '../steps.ts'
import type { Turn } from './turn.ts'

export async function removeGroup(_step: StepOf<'remove-group'>, turn: Turn): Promise<void> {
  const { row } = turn.context
  await turn.options.endpoints.release(row.arn)
  await turn.options.store.transaction(async store => {
    const source = eventSource(row)
    const message = row.desired.standalone ? 'Cache cluster deleted' : `Replication group ${row.name} deleted`
    await store.events.append(row, { ...source, message, at: turn.options.clock.now() })
    // A group that was made of a cache cluster has its tags elsewhere than at its row's own ARN.
    const tags = await store.tags.of(source.arn)
    await store.tags.unset(
      source.arn,
      tags.map(tag => tag.key),
    )
    await store.replicationGroups.remove(row.arn)
  })
  turn.options.onEffect('row:removed')
}
