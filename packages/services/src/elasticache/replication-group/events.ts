/** Tells a group's events something, in the transaction that makes it true. */
import { eventSource, type ReplicationGroupRow, type Store } from '@hotshelf/domain'

export async function tellGroup(
  store: Store,
  group: Pick<ReplicationGroupRow, 'account' | 'region' | 'name' | 'desired'>,
  messages: readonly string[],
  at: Date,
): Promise<void> {
  for (const message of messages) await store.events.append(group, { ...eventSource(group), message, at })
}
