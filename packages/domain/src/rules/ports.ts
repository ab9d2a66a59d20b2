/** The port that clients connect to. */
import type { EngineKind } from '../catalog/engine-versions.ts'
import { fault } from '../faults.ts'

const defaults: Readonly<Record<EngineKind, number>> = { redis: 6379, valkey: 6379, memcached: 11211 }

export const defaultPort = (engine: EngineKind): number => defaults[engine]

/** AWS takes 1150 to 65535. The wording is ours. */
export function requirePort(port: number | undefined, engine: EngineKind): number {
  if (port === undefined) return defaultPort(engine)
  if (Number.isInteger(port) && port >= 1150 && port <= 65_535) return port
  throw fault('InvalidParameterValueException', 'The parameter Port must be between 1150 and 65535.')
}
