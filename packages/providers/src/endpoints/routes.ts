/** What the forwarder shall do, read from the endpoints of the data directory. Pure but for `mixed` ports, explained in forwarding.ts. */
import type { Route } from './forwarding.ts'
import type { EndpointRecord } from './records.ts'

/** `listen`: address that all endpoints' listeners bind. */
export const routesOf = (records: readonly EndpointRecord[], listen: string): readonly Route[] =>
  records.map(({ at, targets, transitEncryption, admits }) => ({
    host: listen,
    port: at.port,
    targets,
    admits,
    mixed: transitEncryption === 'preferred',
  }))
