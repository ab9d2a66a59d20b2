/**
 * The life of a request, in order. Each handler finds out one thing and writes it on the exchange; one that answers
 * ends the chain, and one that throws ends it with an error in whatever protocol is known by then.
 */
import type { WireSettings } from './create-wire.ts'
import type { Exchange } from './exchange.ts'
import { authenticate } from './handlers/authenticate.ts'
import { authorize } from './handlers/authorize.ts'
import { guardOrigin } from './handlers/guard-origin.ts'
import { invoke } from './handlers/invoke.ts'
import { limitBody } from './handlers/limit-body.ts'
import { parse } from './handlers/parse.ts'
import { formOf } from './handlers/read-content.ts'
import { serialise } from './handlers/serialise.ts'
import { validate } from './handlers/validate.ts'
import { identifyService } from './identify/identify-service.ts'
import type { Limits } from './limits.ts'
import type { WireResponse } from './message.ts'

export type Handler = (exchange: Exchange) => WireResponse | undefined | void | Promise<WireResponse | undefined | void>

export function chainOf(settings: WireSettings, limits: Limits): readonly Handler[] {
  const { services, origins = [] } = settings
  return [
    // The request id is there already: even an exchange that ends here can be traced.
    exchange => settings.health?.(exchange.request), // probes have no credentials
    exchange => guardOrigin(exchange, origins), // before any work for a foreign page
    exchange => identifyService(exchange, { services, formOf: each => formOf(each, limits) }), // decides how refusals are spelled
    exchange => limitBody(exchange, limits),
    exchange => authenticate(exchange, settings), // over the raw bytes, before they are unpacked
    exchange => parse(exchange, limits),
    authorize, // before the input is judged: a refusal tells nothing else
    validate,
    exchange => invoke(exchange, settings),
    serialise,
  ]
}

/** Runs the handlers in order until one answers. */
export async function runChain(handlers: readonly Handler[], exchange: Exchange): Promise<WireResponse> {
  for (const handler of handlers) {
    const response = await handler(exchange)
    if (response) return response
  }
  throw new Error('the chain ended without an answer')
}
