/** Looks now and then which daily snapshots are due and which have had their time, and asks for them as a customer would. */
import { randomBytes } from 'node:crypto'
import {
  AlreadyExists,
  type Clock,
  type Doorbell,
  elasticacheArn,
  type ReplicationGroupRow,
  type SnapshotDesired,
  snapshotPlace,
  snapshotShards,
  snapshotSource,
  type Store,
} from '@hotshelf/domain'
import type { WorkerLog } from '../runtime/worker.ts'
import { snapshotsIn } from '../snapshot/find-group.ts'
import { snapshotDue, snapshotsOutlived } from './snapshot-schedule.ts'

export interface KeeperOptions {
  readonly store: Store
  readonly clock: Clock
  readonly doorbell: Doorbell
  readonly log: WorkerLog
}

export interface SnapshotKeeper {
  look(): Promise<void>
  start(): void
  stop(): void
}

const everyMs = 20_000

export function snapshotKeeper(options: KeeperOptions): SnapshotKeeper {
  let timer: NodeJS.Timeout | undefined
  const look = async (): Promise<void> => {
    const { store, clock } = options
    const [groups, snapshots] = await Promise.all([
      store.replicationGroups.listEverywhere(),
      snapshotsIn(store).listEverywhere(),
    ])
    for (const group of groups) if (snapshotDue(group, snapshots, clock.now())) await ask(options, group)
    for (const arn of snapshotsOutlived(groups, snapshots, clock.now())) {
      await snapshotsIn(store).requestDelete(arn, clock.now())
      options.doorbell.ring(arn)
    }
  }
  const guarded = (): void =>
    void look().catch((error: unknown) => options.log.warn(`daily snapshots could not be looked at: ${String(error)}`))
  return {
    look,
    start() {
      guarded()
      timer = setInterval(guarded, everyMs)
      timer.unref()
    },
    stop: () => clearInterval(timer),
  }
}

/** Looked at again inside: another look, or a customer, may have been faster. */
async function ask({ store, clock, doorbell }: KeeperOptions, group: ReplicationGroupRow): Promise<void> {
  const arn = await store
    .transaction(async inside => {
      const now = await inside.replicationGroups.get(group.arn)
      const name = now && snapshotDue(now, await snapshotsIn(inside).list(group), clock.now())
      if (!now || name === undefined) return undefined
      const made = elasticacheArn(group, 'snapshot', name)
      const { account, region } = group
      const desired = await dailySnapshot(inside, now, name)
      await snapshotsIn(inside).insert({ account, region, arn: made, name, desired, createdAt: clock.now() })
      return made
    })
    .catch((error: unknown) => {
      if (error instanceof AlreadyExists) return undefined
      throw error
    })
  if (arn) doorbell.ring(arn)
}

async function dailySnapshot(store: Store, group: ReplicationGroupRow, name: string): Promise<SnapshotDesired> {
  const { desired } = group
  const subnetGroup = desired.subnetGroup ? await store.subnetGroups.find(group, desired.subnetGroup) : undefined
  const cluster = desired.clusterMode === 'disabled' ? desired.snapshottingNode : undefined
  const about = { cluster, vpcId: subnetGroup?.desired.vpcId, createdAt: group.createdAt.toISOString() }
  return {
    name,
    origin: 'automated',
    work: { do: 'take', group: group.arn },
    source: snapshotSource(desired, about),
    shards: snapshotShards(desired, cluster),
    place: snapshotPlace(group, name, randomBytes(6).toString('hex')),
    sealed: desired.atRestEncryption,
    kmsKeyId: desired.kmsKeyId,
  }
}
