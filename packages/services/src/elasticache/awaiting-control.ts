/**
 * Operations that write what they should and that control cannot carry out yet: built, tested, and not mounted, so that
 * a customer is told "not built" instead of waiting for ever. A line moves to `index.ts` when control keeps its promise.
 */
import type { ElastiCacheOperations } from './operation.ts'

export const awaitingControl: ElastiCacheOperations = {}
