/**
 * Refuses a body that is larger than the server takes, before anything is computed from it.
 */
import type { Exchange } from '../exchange.ts'
import { wireFault } from '../fault.ts'
import type { Limits } from '../limits.ts'

export function limitBody({ request }: Exchange, limits: Limits): void {
  if (!request.truncated && request.body.byteLength <= limits.bodyBytes) return
  const message = `The request body is larger than ${limits.bodyBytes} bytes.`
  throw wireFault('RequestEntityTooLarge', message, { status: 413 })
}
