/** Spells the output in the protocol in which it was asked for. */
import type { Exchange } from '../exchange.ts'
import type { WireResponse } from '../message.ts'

export function serialise({ service, operation, output, protocol, requestId }: Exchange): WireResponse {
  if (!service || !operation || !output) throw new Error('serialise came before invoke')
  return protocol.writeOutput({ service, operation, output, requestId })
}
