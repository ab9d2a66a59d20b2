/**
 * Errors in the two data protocols: `__type`, a message under the name the model gives it, and the modelled members.
 * Query-compatible services also say the code their Query clients know, in a header.
 */
import type { DataDialect } from './data/dialect.ts'
import { writeData } from './data/write.ts'
import type { ErrorAnswer } from './server-protocol.ts'

export function errorData(error: ErrorAnswer, as: { readonly type: string; readonly dialect: DataDialect }): object {
  const details = error.details ? (writeData(error.details.shape, error.details.value, as.dialect) as object) : {}
  return { __type: as.type, [error.messageName]: error.message, ...details }
}

/** The header is read by clients that once spoke Query to this service and still match on those codes. */
export function queryErrorHeader(error: ErrorAnswer): Record<string, string> {
  if (!error.service?.queryCompatible) return {}
  return { 'x-amzn-query-error': `${error.code};${error.fault === 'server' ? 'Receiver' : 'Sender'}` }
}
