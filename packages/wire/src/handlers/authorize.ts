/**
 * Whether the caller's key may do this. Before the input is held to the model, as AWS does: whoever may not make a call
 * learns nothing from it about the resource. Works on what the key says about itself; see `AccessKey.deny`.
 */
import type { Denial } from '../authenticate/keys.ts'
import type { Exchange } from '../exchange.ts'
import { wireFault, type WireFault } from '../fault.ts'
import type { WireCall } from '../message.ts'
import { callOf } from './invoke.ts'

export function authorize(exchange: Exchange): void {
  const { key } = exchange
  if (!key?.deny) return
  const call = callOf(exchange)
  const denial = key.deny(call, exchange.input)
  if (denial) throw refusal(call, denial)
}

/** AWS's words; EC2 has a code and an opening of its own, and does not tell the resource. */
function refusal({ caller, service, operation, protocol }: WireCall, { resource, kind }: Denial): WireFault {
  const action = `${SERVICE_PREFIXES[service] ?? service}:${operation}`
  const why =
    kind === 'explicit'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`
  const who = `User: ${caller.arn} is not authorized to perform: ${action}`
  if (protocol === 'ec2') {
    return wireFault('UnauthorizedOperation', `You are not authorized to perform this operation. ${who} ${why}`, {
      status: 403,
    })
  }
  const message = `${who} on resource: ${resource} ${why}`
  return protocol === 'query'
    ? wireFault('AccessDenied', message, { status: 403 })
    : wireFault('AccessDeniedException', message)
}

/** Where actions are not named by the signing name. */
const SERVICE_PREFIXES: Readonly<Record<string, string>> = { monitoring: 'cloudwatch' }
