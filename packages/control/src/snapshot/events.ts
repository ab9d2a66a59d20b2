/** What customers are told of a snapshot, at what it is of; the words of success follow those that AWS's console shows. */
import { type Arn, type EventRecord, parseArn, type SnapshotRow, type Store } from '@hotshelf/domain'

export async function tellSnapshot(store: Store, row: SnapshotRow, message: string, at: Date): Promise<void> {
  await store.events.append(row, { ...subjectOf(row), message, at })
}

export function subjectOf({ desired, arn }: SnapshotRow): Pick<EventRecord, 'sourceType' | 'sourceId' | 'arn'> {
  const { source } = desired
  const sourceId = source.group ?? source.cluster ?? desired.name
  const sourceType = source.group === undefined ? 'cache-cluster' : 'replication-group'
  return { sourceType, sourceId, arn: asCustomersKnowIt(arn, sourceType, sourceId) }
}

const asCustomersKnowIt = (arn: Arn, sourceType: string, name: string): Arn => {
  const { region = '', account = '' } = parseArn(arn) ?? {}
  const type = sourceType === 'cache-cluster' ? 'cluster' : 'replicationgroup'
  return `arn:aws:elasticache:${region}:${account}:${type}:${name}` as Arn
}

const of = ({ desired: { source } }: SnapshotRow): string =>
  source.group === undefined
    ? `cache cluster with ID '${source.cluster}'`
    : `replication group with ID '${source.group}'`

export function succeeded(row: SnapshotRow): string {
  const { name, work } = row.desired
  if (work.do === 'export') return `Exported snapshot '${name}' to S3 bucket '${work.bucket}'`
  if (work.do === 'copy') return `Copied snapshot '${name}' of ${of(row)}`
  return `Snapshot succeeded for snapshot with ID '${name}' of ${of(row)}`
}

export const failed = (row: SnapshotRow, why: string): string =>
  `Snapshot failed for snapshot with ID '${row.name}' of ${of(row)}: ${why}`
