/**
 * Turns whatever a handler threw into an answer: a modelled error by the model, a wire fault as it says, and anything
 * else as InternalFailure, whose cause stays here: it goes to `onUnhandled`, and the caller gets the request id.
 */
import { isWireFault } from './fault.ts'
import type { Exchange } from './exchange.ts'
import type { WireResponse } from './message.ts'
import type { ErrorAnswer } from './protocols/server-protocol.ts'
import type { ErrorModel, LoadedService } from './schema/service-model.ts'

export interface AnsweredError {
  readonly response: WireResponse
  readonly code: string
  readonly message: string
}

export function answerError(exchange: Exchange, error: unknown, onUnhandled: (error: unknown) => void): AnsweredError {
  const known = describeError(exchange, error)
  if (!known) onUnhandled(error)
  const answer = known ?? unhandled(exchange, error)
  try {
    return { response: exchange.protocol.writeError(answer), code: answer.code, message: answer.message }
  } catch (failure) {
    // The error's own members could not be written; the caller is still owed an answer.
    onUnhandled(failure)
    const plain = unhandled(exchange, failure)
    return { response: exchange.protocol.writeError(plain), code: plain.code, message: plain.message }
  }
}

/** Undefined for an error that is no message to the caller. */
function describeError(exchange: Exchange, error: unknown): ErrorAnswer | undefined {
  if (!(error instanceof Error)) return undefined
  const { service, requestId } = exchange
  const { message } = error
  const model = service && modelOf(service, error.name)
  if (model && !isWireFault(error)) {
    const { code, name, status, fault, messageName } = model
    const details = model.details && { shape: model.details, value: error }
    return { service, requestId, code, name, message, messageName, status, fault, details }
  }
  if (!isWireFault(error)) return undefined
  const { code, status, fault } = error
  return { service, requestId, code, name: code, message, messageName: 'message', status, fault, details: undefined }
}

function modelOf(service: LoadedService, name: string): ErrorModel | undefined {
  return service.errors.get(name) ?? service.errorsByCode.get(name)
}

/** An error named `Unavailable` says that it will pass; clients may then try again, and do. */
function unhandled({ service, requestId, protocol }: Exchange, error: unknown): ErrorAnswer {
  const passing = error instanceof Error && error.name === 'Unavailable'
  const code = passing ? 'ServiceUnavailable' : protocol.name === 'ec2' ? 'InternalError' : 'InternalFailure'
  const message = passing
    ? 'The request has failed due to a temporary failure of the server.'
    : 'The request processing has failed because of an unknown error, exception or failure.'
  const status = passing ? 503 : 500
  return {
    service,
    requestId,
    code,
    name: code,
    message,
    messageName: 'message',
    status,
    fault: 'server',
    details: undefined,
  }
}
