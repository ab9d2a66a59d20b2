/** Tells the events of a user or a user group, in the transaction that makes it true. */
import type { Store, UserGroupRow, UserRow } from '@hotshelf/domain'

export const tellUser = (store: Store, row: UserRow, message: string, at: Date): Promise<void> =>
  store.events.append(row, { sourceType: 'user', sourceId: row.name, arn: row.arn, message, at })

export const tellUserGroup = (store: Store, row: UserGroupRow, message: string, at: Date): Promise<void> =>
  store.events.append(row, { sourceType: 'user-group', sourceId: row.name, arn: row.arn, message, at })
