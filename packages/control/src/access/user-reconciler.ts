/**
 * The end of a user: his row stays until no node of any cache accepts him, then it goes. There is nothing else to keep true
 * of a user himself: caches take him from his row.
 */
import {
  acceptsUser,
  type Arn,
  type ReplicationGroupRow,
  type Store,
  type UserDesired,
  type UserRow,
} from '@hotshelf/domain'
import type { Reconciler, Step, Wait } from '../runtime/reconciler.ts'

export type UserStep = Step & ({ readonly do: 'remove-user' } | Wait)

export interface UserLook {
  /** Caches whose nodes accept him still. */
  readonly caches: readonly string[]
}

const lookAgainMs = 100

export function planUser(row: UserRow, { caches }: UserLook): UserStep | undefined {
  if (!row.deleteRequestedAt) return undefined
  if (caches.length > 0)
    return { do: 'wait', retryInMs: lookAgainMs, why: `${caches.join(', ')} accepts user ${row.name} still` }
  return { do: 'remove-user', why: `no cache accepts user ${row.name} any more` }
}

export function userReconciler({
  store,
  onEffect,
}: {
  readonly store: Store
  readonly onEffect: (name: string) => void
}): Reconciler<UserRow, UserLook, UserStep> {
  const users = store.repository<UserDesired>('user')
  return {
    load: (arn: Arn) => users.get(arn),
    observe: async row => {
      if (!row.deleteRequestedAt) return { caches: [] }
      const caches = await store.replicationGroups.list(row)
      return { caches: caches.filter(cache => accepts(cache, row)).map(cache => cache.name) }
    },
    plan: planUser,
    digest: ({ caches }) => caches.join(' '),
    report: async () => {},
    perform: async (step, row) => {
      if (step.do !== 'remove-user') return
      await users.remove(row.arn)
      onEffect('row:user-removed')
    },
  }
}

/** A cache that is being deleted is waited for no longer than it has to be: its nodes end. */
const accepts = (cache: ReplicationGroupRow, row: UserRow): boolean =>
  cache.deleteRequestedAt === undefined && acceptsUser(cache, row.desired.id)
