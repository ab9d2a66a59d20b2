/**
 * What is said on the forwarder's control socket, one JSON value a line. Hotshelf writes empty lines, each of which means
 * "endpoints.json has changed".
 */
import type { RouteFailure } from './forwarding.ts'

/** Grows when an older forwarder cannot serve a newer Hotshelf; it is replaced then. */
export const protocol = 2

/** The forwarder's first line. */
export interface Greeting {
  readonly protocol: number
  readonly pid: number
}

/** Its answer to every line. */
export interface Applied {
  /** Ports that could not be listened on; it tries again by itself. */
  readonly failures: readonly RouteFailure[]
  /** Why it could not read what to do; it goes on as before. */
  readonly trouble: string | undefined
}
