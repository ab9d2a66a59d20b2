/**
 * AWS JSON 1.0 and 1.1; they differ in the content type and in whether `__type` carries the namespace.
 * https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
import { wireFault } from '../../fault.ts'
import type { WireResponse } from '../../message.ts'
import { readData } from '../data/read.ts'
import { writeData } from '../data/write.ts'
import { errorData, queryErrorHeader } from '../error-data.ts'
import type { Content, ErrorAnswer, ServerProtocol } from '../server-protocol.ts'
import { jsonDialect } from './dialect.ts'

export const json10 = jsonProtocol('json1.0', 'application/x-amz-json-1.0')
export const json11 = jsonProtocol('json1.1', 'application/x-amz-json-1.1')

function jsonProtocol(name: 'json1.0' | 'json1.1', contentType: string): ServerProtocol {
  const answer = (status: number, headers: Record<string, string>, body: unknown): WireResponse => ({
    status,
    headers: { 'content-type': contentType, ...headers },
    body: JSON.stringify(body),
  })
  return {
    name,
    readInput: (operation, content, limits) =>
      readData(operation.input, parseJson(content), { dialect: jsonDialect, depth: limits.depth }),
    writeOutput: ({ operation, output }) => answer(200, {}, writeData(operation.output, output, jsonDialect)),
    writeError: error =>
      answer(
        error.status,
        queryErrorHeader(error),
        errorData(error, { type: typeOf(name, error), dialect: jsonDialect }),
      ),
  }
}

function typeOf(name: Protocol, { name: errorName, service }: ErrorAnswer): string {
  return name === 'json1.0' && service ? `${service.namespace}#${errorName}` : errorName
}

type Protocol = 'json1.0' | 'json1.1'

function parseJson({ body }: Content): unknown {
  if (body.byteLength === 0) return {}
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    throw wireFault('SerializationException', 'The request body is not valid JSON')
  }
}
