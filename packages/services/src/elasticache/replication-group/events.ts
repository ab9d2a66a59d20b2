/** Tells a group's events something, in the transaction that makes it true. */
import type { Row, Store } from '@hotshelf/domain'

export async function tellGroup(
  store: Store,
  group: Pick<Row<unknown>, 'account' | 'region' | 'arn' | 'name'>,
  messages: readonly string[],
  at: Date,
): Promise<void> {
  for (const message of messages)
    await store.events.append(group, {
      sourceType: 'replication-group',
      sourceId: group.name,
      arn: group.arn,
      message,
      at,
    })
}
