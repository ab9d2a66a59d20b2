/** Snapshots by name. */
import {
  AlreadyExists,
  type Arn,
  elasticacheArn,
  type Fault,
  fault,
  isUnderWay,
  type NewResource,
  type ReplicationGroupRow,
  type Repository,
  type Scope,
  type SnapshotDesired,
  type SnapshotObserved,
  type SnapshotRow,
  type Store,
  takes,
} from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'

export const snapshotsIn = (store: Store): Repository<SnapshotDesired, SnapshotObserved> =>
  store.repository<SnapshotDesired, SnapshotObserved>('snapshot')

/** An export is no snapshot: it is listed while it is under way, and nothing can be made of it. */
export async function requireSnapshot(
  name: string | undefined,
  call: Pick<Call, 'caller' | 'region' | 'store'>,
): Promise<SnapshotRow> {
  const wanted = (name ?? '').toLowerCase()
  const found = await snapshotsIn(call.store).find(scopeOf(call), wanted)
  if (!found) throw fault('SnapshotNotFoundFault', `Snapshot not found: ${wanted}`)
  return found
}

export async function requireFreeName(store: Store, scope: Scope, name: string): Promise<void> {
  if (await snapshotsIn(store).find(scope, name)) throw alreadyExists()
}

export function insertSnapshot(
  store: Store,
  scope: Scope,
  resource: Pick<NewResource<SnapshotDesired>, 'desired' | 'createdAt'>,
): Promise<SnapshotRow> {
  const { name } = resource.desired
  const arn = snapshotArn(scope, name)
  return snapshotsIn(store)
    .insert({ ...scope, arn, name, ...resource })
    .catch((error: unknown) => {
      throw error instanceof AlreadyExists ? alreadyExists() : error
    })
}

export const snapshotArn = (scope: Scope, name: string): Arn => elasticacheArn(scope, 'snapshot', name)

/** The wording is AWS's. */
const alreadyExists = (): Fault => fault('SnapshotAlreadyExistsFault', 'Snapshot with specified name already exists.')

/** Snapshots of this group that are being taken now. */
export async function takenNow(store: Store, group: Pick<ReplicationGroupRow, 'arn' | 'account' | 'region'>) {
  return (await snapshotsIn(store).list(group)).filter(row => isUnderWay(row) && takes(row, group.arn))
}

/** Names of the snapshots that a group is being made from now. */
export async function restoredNow(store: Store, scope: Scope): Promise<ReadonlySet<Arn>> {
  const groups = await store.replicationGroups.list(scope)
  const waiting = groups.filter(group => !group.deleteRequestedAt && !group.observation?.observed.everAvailable)
  return new Set(waiting.flatMap(group => group.desired.restore?.snapshot ?? []))
}
