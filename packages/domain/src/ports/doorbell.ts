/** Wakes a loop. A ring may be lost: losing every one costs only latency (the resync looks again every 30 s). */
import type { Arn } from '../resources/arn.ts'

export interface Doorbell {
  ring(arn: Arn): void
  onRing(listener: (arn: Arn) => void): () => void
}
