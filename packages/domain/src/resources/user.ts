/**
 * A user: a name to log in with, what proves it, and an access string that says what he may do. Users reach a cache
 * through a user group. The built-in `default` user exists without a row, may do everything, and is nobody's to change.
 */
import { elasticacheArn, type Scope } from './arn.ts'
import type { EngineName, ReplicationGroupRow } from './replication-group.ts'
import type { Row } from './resource.ts'

export type UserAuthentication = 'password' | 'no-password' | 'iam'

export interface UserDesired {
  readonly id: string
  /** What clients log in with. Several users may have one name, such as `default`; within a user group it is unique. */
  readonly name: string
  readonly engine: EngineName
  /** As it was given, text for text. */
  readonly accessString: string
  readonly authentication: UserAuthentication
  /** Of the sealed secret `passwords`: SHA-256 in hexadecimal, one a line. The passwords themselves are kept nowhere. */
  readonly passwordCount: number
  /** Grows by one whenever they change, so that control sees a change it may not read here. */
  readonly passwordVersion: number
}

export type UserRow = Row<UserDesired>
export type UserStatus = 'active' | 'modifying' | 'deleting'

/** The name of the secret beside a user's row. */
export const passwordsSecret = 'passwords'

export const builtInUserId = 'default'

export const builtInUser = (scope: Scope): UserRow => ({
  ...scope,
  arn: elasticacheArn(scope, 'user', builtInUserId),
  kind: 'user',
  name: builtInUserId,
  generation: 1,
  desired: {
    id: builtInUserId,
    name: 'default',
    engine: 'redis',
    accessString: 'on ~* +@all',
    authentication: 'no-password',
    passwordCount: 0,
    passwordVersion: 0,
  },
  pending: undefined,
  createdAt: new Date(0),
  deleteRequestedAt: undefined,
  observation: undefined,
})

/** What a group's running nodes were told last of users and user groups, by generation. */
export interface AppliedAccess {
  readonly users: Readonly<Record<string, number>>
  readonly groups: Readonly<Record<string, { readonly generation: number; readonly userIds: readonly string[] }>>
}

/** Nodes of the group accept this user, or did when they were last heard of. */
export const acceptsUser = (group: ReplicationGroupRow, userId: string): boolean =>
  group.observation?.observed.userAccess?.users[userId] !== undefined

/**
 * Computed: a change is done when every cache that the user reaches has it. `caches`: those whose user groups have the
 * user, and those that accept him still. A cache that never served is not waited for.
 */
export function userStatus(row: UserRow, caches: readonly ReplicationGroupRow[]): UserStatus {
  if (row.deleteRequestedAt) return 'deleting'
  const behind = caches.some(
    ({ observation }) =>
      observation?.observed.everAvailable && observation.observed.userAccess?.users[row.desired.id] !== row.generation,
  )
  return behind ? 'modifying' : 'active'
}
