/**
 * Hands the typed input to the service's own code and keeps what it answers.
 */
import type { WireSettings } from '../create-wire.ts'
import type { Exchange } from '../exchange.ts'
import type { WireCall } from '../message.ts'
import { unknownMember } from '../schema/unknown-member.ts'

export async function invoke(exchange: Exchange, settings: WireSettings): Promise<void> {
  const { mounted, operation } = exchange
  if (!mounted || !operation) throw new Error('invoke came before parse')
  const call = callOf(exchange)
  const handler = mounted.operations[operation.name]
  if (!handler) throw new Error(`${operation.name} is in the table without a handler`)
  const extended = settings.extendCall ? settings.extendCall(call) : call
  // The table was checked against the SDK's types when it was written; here its entries are one of many.
  const output = await (handler as (input: unknown, call: WireCall) => unknown)(exchange.input, extended)
  exchange.output = typeof output === 'object' && output !== null ? output : {}
  const unknown = settings.strictOutput ? unknownMember(operation.output, exchange.output) : undefined
  if (unknown !== undefined)
    throw new TypeError(`${operation.name} answered with ${unknown}, which its model does not have`)
}

/** What is known of the call once it was authenticated and parsed. */
export function callOf({ caller, operation, service, requestId, protocol, region }: Exchange): WireCall {
  if (!caller || !operation || !service) throw new Error('a call is known only after authenticate and parse')
  return {
    requestId,
    service: service.signingName,
    operation: operation.name,
    protocol: protocol.name,
    region,
    caller,
  }
}
