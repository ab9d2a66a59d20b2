/**
 * Who may log in to a cache by its user groups, as its engine will be told, and which generations of users and groups that
 * is. A user who is gone from the store, or on his way out, is nobody.
 */
import {
  type AppliedAccess,
  builtInUser,
  type CacheUser,
  type CustomerAccess,
  passwordsSecret,
  type ReplicationGroupRow,
  splitRules,
  type Store,
  type UserDesired,
  type UserGroupDesired,
  type UserRow,
} from '@hotshelf/domain'

export interface UserAccess {
  readonly access: CustomerAccess
  readonly applied: AppliedAccess
}

export async function loadUserAccess(row: ReplicationGroupRow, store: Store): Promise<UserAccess> {
  const repository = store.repository<UserGroupDesired>('user-group')
  const groups = (await Promise.all(row.desired.userGroupIds.map(id => repository.find(row, id)))).filter(
    group => group !== undefined,
  )
  const wanted = new Set(groups.flatMap(group => group.desired.userIds))
  const users = (await usersIn(row, store)).filter(user => wanted.has(user.desired.id))
  return {
    access: { mode: 'users', users: await Promise.all(users.map(user => asCacheUser(user, store))) },
    applied: {
      users: Object.fromEntries(users.map(user => [user.desired.id, user.generation])),
      groups: Object.fromEntries(
        groups.map(({ desired, generation }) => [desired.id, { generation, userIds: desired.userIds }]),
      ),
    },
  }
}

async function usersIn(row: ReplicationGroupRow, store: Store): Promise<readonly UserRow[]> {
  const made = await store.repository<UserDesired>('user').list(row)
  return [builtInUser(row), ...made.filter(user => user.deleteRequestedAt === undefined)]
}

async function asCacheUser(row: UserRow, store: Store): Promise<CacheUser> {
  const { id, name, accessString, authentication } = row.desired
  if (authentication === 'iam') return { id, name, rules: splitRules(accessString), passwords: [], byToken: true }
  const passwords = authentication === 'no-password' ? undefined : await passwordsOf(row, store)
  return { id, name, rules: splitRules(accessString), passwords }
}

/** Every turn asks for them, and a store answers with the same row while nothing of it changed. */
const known = new WeakMap<UserRow, readonly string[]>()

async function passwordsOf(row: UserRow, store: Store): Promise<readonly string[]> {
  const remembered = known.get(row)
  if (remembered) return remembered
  const passwords = (await store.secrets.get(row.arn, passwordsSecret))?.split('\n') ?? []
  known.set(row, passwords)
  return passwords
}

/** Which user each name is, for control's memory of what a node was told; no secret in it. */
export function identities(access: CustomerAccess): Readonly<Record<string, string>> {
  if (access.mode !== 'users') return { default: access.mode === 'open' ? everybody : 'token' }
  return Object.fromEntries(access.users.map(user => [user.name, user.id]))
}

const everybody = 'default'

/**
 * Names that are another's now. Whoever is `default` while everybody may be is left alone: he would come back at once.
 * A name that nobody has any more is the engine's business.
 */
export function takenOver(before: Readonly<Record<string, string>>, access: CustomerAccess): readonly string[] {
  return Object.entries(identities(access))
    .filter(([name, id]) => before[name] !== undefined && before[name] !== id && id !== everybody)
    .map(([name]) => name)
}
