/** What the parts of the process provider share: its settings, and the nodes it knows. */
import type { NodeRef } from '@hotshelf/domain'
import type { OnEffect } from '../effects.ts'
import type { NameService } from '../endpoints/names.ts'
import type { Log } from '../log.ts'
import type { Network } from '../network/network.ts'
import type { Authority } from '../tls/authority.ts'
import type { Turns } from '../turns.ts'
import type { Limits } from './limits.ts'
import type { NodeRecord } from './node-record.ts'
import type { ProcessTable } from './process-table.ts'

export interface Workshop {
  readonly dataDir: string
  readonly network: Network
  readonly authority: Authority
  readonly nameService: NameService | undefined
  readonly log: Log
  readonly limits: Limits
  readonly graceMs: number
  readonly table: ProcessTable
  readonly effect: OnEffect
  readonly records: Map<string, NodeRecord>
  readonly listeners: Set<(node: NodeRef) => void>
  readonly turns: Turns
}
