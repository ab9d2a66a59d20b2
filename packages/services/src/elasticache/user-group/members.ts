/** The users that a request names as members. One that is on its way out counts as gone. */
import { fault, type Scope, type Store, type UserRow } from '@hotshelf/domain'
import { findUser } from '../user/find.ts'

export async function membersOf(store: Store, scope: Scope, ids: readonly string[]): Promise<readonly UserRow[]> {
  const members: UserRow[] = []
  for (const id of ids) {
    const row = await findUser(store, scope, id)
    if (!row || row.deleteRequestedAt) throw fault('UserNotFoundFault', `User ${id} not found.`)
    members.push(row)
  }
  return members
}

export const readIds = (ids: readonly string[] | undefined): readonly string[] => [
  ...new Set((ids ?? []).map(id => id.toLowerCase())),
]
