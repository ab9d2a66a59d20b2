/** User groups by id. */
import {
  fault,
  type Repository,
  type Scope,
  type Store,
  type UserGroupDesired,
  type UserGroupRow,
} from '@hotshelf/domain'

export const userGroupsIn = (store: Store): Repository<UserGroupDesired> =>
  store.repository<UserGroupDesired>('user-group')

export async function requireUserGroup(store: Store, scope: Scope, id: string | undefined): Promise<UserGroupRow> {
  const name = (id ?? '').toLowerCase()
  const row = await userGroupsIn(store).find(scope, name)
  if (!row) throw fault('UserGroupNotFoundFault', `UserGroup ${name} not found.`)
  return row
}
