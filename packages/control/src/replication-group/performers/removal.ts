// The end of a group: its addresses, then its row.
import { type Arn, eventSource, type Store } from '@hotshelf/domain'
import type { StepOf } from '../steps.ts'
import type { Turn } from './turn.ts'

export async function removeGroup(_step: StepOf<'remove-group'>, turn: Turn): Promise<void> {
  const { row } = turn.context
  await turn.options.endpoints.release(row.arn)
  await turn.options.store.transaction(async store => {
    const source = eventSource(row)
    const message = row.desired.standalone ? 'Cache cluster deleted' : `Replication group ${row.name} deleted`
    await store.events.append(row, { ...source, message, at: turn.options.clock.now() })
    if (source.arn !== row.arn) await forgetTags(store, source.arn)
    await store.replicationGroups.remove(row.arn)
  })
  turn.options.onEffect('row:removed')
}

/** Of a group that was made of a cache cluster: they are kept elsewhere than at its row's own ARN. */
async function forgetTags(store: Store, arn: Arn): Promise<void> {
  const keys = (await store.tags.of(arn)).map(tag => tag.key)
  await store.tags.unset(arn, keys)
}
