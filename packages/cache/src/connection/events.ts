// What a connection tells `onEvent`. Nothing here must be listened to: without a listener nothing is printed or thrown.
import type { ClientEvent } from '../client/port.ts'
import type { BreakerState } from './breaker.ts'

export type ConnectionEvent =
  | ClientEvent
  | { readonly type: 'breaker'; readonly state: BreakerState }
  | { readonly type: 'retry'; readonly command: string; readonly error: Error }
  | { readonly type: 'deadline'; readonly command: string; readonly ms: number }
  | { readonly type: 'credentials-renewed' }
