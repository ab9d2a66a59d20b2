/** What the pages of this server may look at. They change nothing. */
import type { Arn, CacheEngine, NodeProvider, Store } from '@hotshelf/domain'
import type { Control } from '@hotshelf/control'
import type { Log } from '../log.ts'
import type { VerifyLine } from '../verify-snapshot.ts'
import type { HealthReport } from './reports.ts'

export interface Insight {
  readonly store: Store
  readonly provider: NodeProvider
  readonly engine: CacheEngine
  readonly control: Pick<Control, 'planOf' | 'readSnapshot'>
  /** Loads a snapshot in an engine that is thrown away again. */
  verify(snapshot: Arn): AsyncIterable<VerifyLine>
  readonly log: Log
  /** Never rejects. */
  health(): Promise<HealthReport>
  /** PEM. */
  authorityCertificate(): Promise<string>
  /** Aborted when the server stops: followers of a stream are let go. */
  readonly stopping: AbortSignal
}
