/** `/_hotshelf/snapshots`: every snapshot and how far it is; `/_hotshelf/snapshots/verify?arn=…`: whether one can be trusted. */
import {
  type Arn,
  isUnderWay,
  type SnapshotDesired,
  type SnapshotObserved,
  type SnapshotRow,
  snapshotStatus,
} from '@hotshelf/domain'
import { isGet, jsonPage, type Page, PageRefusal, type PageRequest, sendRefusal } from './page.ts'
import type { SnapshotReport } from './reports.ts'

export const snapshotsPage = jsonPage('/_hotshelf/snapshots', async ({ insight }) => {
  const rows = await insight.store.repository<SnapshotDesired, SnapshotObserved>('snapshot').listEverywhere()
  return rows.map(report)
})

function report(row: SnapshotRow): SnapshotReport {
  const { desired, observation, arn, name, region } = row
  const { source } = desired
  const seen = observation?.observed
  const progress = observation?.conditions.find(condition => condition.type === 'Progressing')?.message
  return {
    arn,
    name,
    region,
    status: snapshotStatus(row),
    origin: desired.origin,
    of: source.group ?? source.cluster ?? '',
    engine: source.engine,
    engineVersion: source.engineVersion,
    shards: desired.shards.length,
    bytes: Object.values(seen?.parts ?? {}).reduce((sum, part) => sum + part.bytes, 0),
    createdAt: row.createdAt.toISOString(),
    ...(isUnderWay(row) && { progress: progress ?? 'waiting for its turn' }),
    ...(seen?.failure !== undefined && { failure: seen.failure }),
  }
}

/** One JSON object a line, as the work goes on. */
export const verifyPage: Page = request => {
  if (request.url.pathname !== '/_hotshelf/snapshots/verify') return false
  if (!isGet(request)) return true
  tell(request).catch((error: unknown) => sendRefusal(request, error))
  return true
}

async function tell({ url, response, insight }: PageRequest): Promise<void> {
  const arn = (url.searchParams.get('arn') ?? '') as Arn
  const snapshot = await insight.control.readSnapshot(arn)
  if (!snapshot)
    throw new PageRefusal(404, `There is no snapshot "${arn}".`, '`hotshelf snapshot list` shows those that there are.')
  const status = snapshotStatus(snapshot.row)
  if (status !== 'available')
    throw new PageRefusal(409, `Snapshot ${snapshot.row.name} is ${status}.`, 'Wait until it is available.')
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' })
  response.flushHeaders()
  for await (const line of insight.verify(arn)) {
    if (response.destroyed) break
    response.write(`${JSON.stringify(line)}\n`)
  }
  response.end()
}
