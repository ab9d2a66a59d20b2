/**
 * Smithy RPC v2 CBOR: the service and operation are in the path, the value is in the body, and the answer must carry
 * the `smithy-protocol` header too, or clients refuse it.
 * https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
 */
import { cbor as encoder, dateToTag } from '@smithy/core/cbor'
import { wireFault } from '../../fault.ts'
import type { WireResponse } from '../../message.ts'
import type { DataDialect } from '../data/dialect.ts'
import { readData } from '../data/read.ts'
import { writeData } from '../data/write.ts'
import { errorData, queryErrorHeader } from '../error-data.ts'
import { readEpochSeconds } from '../scalars.ts'
import type { Content, ServerProtocol } from '../server-protocol.ts'
import { CborError, decodeCbor, type Tagged } from './decode.ts'

const cborDialect: DataDialect = {
  readBlob: value => (value instanceof Uint8Array ? value : undefined),
  readTimestamp: value => (isTimestamp(value) ? readEpochSeconds(Number(value.value)) : undefined),
  readNumber: value => (typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : undefined),
  readBigInteger: value =>
    typeof value === 'bigint' ? value : Number.isSafeInteger(value) ? BigInt(value as number) : undefined,
  writeBlob: value => (typeof value === 'string' ? new TextEncoder().encode(value) : value),
  writeTimestamp: value => dateToTag(value),
  writeNumber: value => value,
}

export const cbor: ServerProtocol = {
  name: 'cbor',
  readInput: (operation, content, limits) =>
    readData(operation.input, parseCbor(content, limits.depth), { dialect: cborDialect, depth: limits.depth }),
  writeOutput: ({ operation, output }) => answer(200, {}, writeData(operation.output, output, cborDialect)),
  writeError: error => {
    const type = error.service ? `${error.service.namespace}#${error.name}` : error.name
    return answer(error.status, queryErrorHeader(error), errorData(error, { type, dialect: cborDialect }))
  },
}

function parseCbor({ body }: Content, depth: number): unknown {
  if (body.byteLength === 0) return {}
  try {
    return decodeCbor(body, depth)
  } catch (error) {
    if (!(error instanceof CborError)) throw error
    throw wireFault('SerializationException', `The request body is not valid CBOR: ${error.message}`)
  }
}

function isTimestamp(value: unknown): value is Tagged {
  return (
    typeof value === 'object' && value !== null && 'tag' in value && 'value' in value && typeof value.value === 'number'
  )
}

/** Our own values are safe to hand to the SDK's encoder; only decoding is done here. */
function answer(status: number, headers: Record<string, string>, body: unknown): WireResponse {
  return {
    status,
    headers: { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor', ...headers },
    body: Uint8Array.from(encoder.serialize(body)),
  }
}
