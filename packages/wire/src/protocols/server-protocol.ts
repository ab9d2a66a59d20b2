/**
 * What a protocol must be able to do for a server: read an input, write an output, write an error.
 * Which operation is meant is not here: it is said in a path, a header or a parameter, and `identify/` knows where.
 */
import type { Limits } from '../limits.ts'
import type { Protocol, WireResponse } from '../message.ts'
import type { LoadedService, OperationModel } from '../schema/service-model.ts'
import type { StructureShape } from '../schema/shape.ts'
import type { FormNode } from './form.ts'

/** A request's body, unpacked. `form` is there for the two protocols that speak in parameters. */
export interface Content {
  readonly body: Uint8Array
  readonly form: FormNode | undefined
}

export interface OutputAnswer {
  readonly service: LoadedService
  readonly operation: OperationModel
  readonly output: object
  readonly requestId: string
}

/** An error, ready to be spelled. See `answer-error.ts` for where each part comes from. */
export interface ErrorAnswer {
  readonly service: LoadedService | undefined
  readonly requestId: string
  /** The code in XML, and in `x-amzn-query-error`. */
  readonly code: string
  /** `__type` in JSON and CBOR; for most errors the same as the code. */
  readonly name: string
  readonly message: string
  /** What the model calls the message: `message` or `Message`. */
  readonly messageName: string
  readonly status: number
  readonly fault: 'client' | 'server'
  /** The members of a modelled error besides its message. */
  readonly details: { readonly shape: StructureShape; readonly value: object } | undefined
}

export interface ServerProtocol {
  readonly name: Protocol
  /** Throws a wire fault for input that the shape does not allow. */
  readInput(operation: OperationModel, content: Content, limits: Limits): unknown
  writeOutput(answer: OutputAnswer): WireResponse
  writeError(answer: ErrorAnswer): WireResponse
}
