/** Users by id: a customer's, or the built-in `default`, which exists without a row. */
import {
  builtInUser,
  builtInUserId,
  fault,
  type Repository,
  type Scope,
  type Store,
  type UserDesired,
  type UserRow,
} from '@hotshelf/domain'

export const usersIn = (store: Store): Repository<UserDesired> => store.repository<UserDesired>('user')

export async function findUser(store: Store, scope: Scope, id: string): Promise<UserRow | undefined> {
  const lower = id.toLowerCase()
  return lower === builtInUserId ? builtInUser(scope) : usersIn(store).find(scope, lower)
}

export async function requireUser(store: Store, scope: Scope, id: string | undefined): Promise<UserRow> {
  const row = await findUser(store, scope, id ?? '')
  if (!row) throw fault('UserNotFoundFault', `User ${(id ?? '').toLowerCase()} not found.`)
  return row
}

/** Ordered by id, the built-in user among them. */
export async function listUsers(store: Store, scope: Scope): Promise<readonly UserRow[]> {
  return [builtInUser(scope), ...(await usersIn(store).list(scope))].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
