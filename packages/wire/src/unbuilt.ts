/**
 * The honest answer to what this server cannot do. Always 400 and the caller's fault, never 5xx: SDKs retry a server
 * error, Terraform's 25 times over many minutes, and asking again will not build the operation.
 */
import { wireFault, type WireFault } from './fault.ts'
import type { Protocol } from './message.ts'

/** The code AWS uses for an unknown action: `InvalidAction` in forms, `UnknownOperationException` elsewhere. */
export function unknownOperation(protocol: Protocol, message: string): WireFault {
  const isForm = protocol === 'query' || protocol === 'ec2'
  return wireFault(isForm ? 'InvalidAction' : 'UnknownOperationException', message)
}
