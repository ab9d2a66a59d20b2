/**
 * A service as this kit sees it: its operations and errors, and how its requests and answers are spelled.
 * Everything here is read from the SDK's schemas by `describe-service.ts`; nothing is written by hand.
 */
import type { Shape, StructureShape } from './shape.ts'

export interface OperationModel {
  readonly name: string
  readonly input: Shape
  readonly output: Shape
  /** Names of the error shapes that the model declares for it; empty when unknown. */
  readonly errors: readonly string[]
}

export interface ErrorModel {
  /** Name of the shape, for example `NotFoundException`; it is `__type` in JSON. */
  readonly name: string
  /** The code in XML answers, for example `NotFound`. */
  readonly code: string
  /** HTTP status, the same in every protocol. */
  readonly status: number
  readonly fault: 'client' | 'server'
  readonly shape: StructureShape
  /** What the model calls the message: `message` or `Message`. */
  readonly messageName: string
  /** The shape without its message; undefined when nothing else is in it. */
  readonly details: StructureShape | undefined
}

/** How the XML protocol of a service is spelled; `undefined` for a service that has none. */
export type FormDialect = 'query' | 'ec2' | undefined

/**
 * How a service words the refusal of a missing or wrong parameter.
 * `parameter`: MissingParameter, "The request must contain the parameter X."
 * `constraint`: one code for all, "1 validation error detected: Value … at 'x' failed to satisfy constraint: …".
 */
export type RefusalWording = { readonly style: 'parameter' } | { readonly style: 'constraint'; readonly code: string }

export interface LoadedService {
  readonly signingName: string
  /** API version, for example `2010-03-31`. */
  readonly version: string
  /** Prefix of X-Amz-Target and name in `/service/X/operation/Y`. */
  readonly target: string
  /** Smithy namespace, the prefix of `__type`. */
  readonly namespace: string
  readonly xmlNamespace: string
  readonly form: FormDialect
  /** Whether JSON and CBOR errors carry their query code in `x-amzn-query-error`. */
  readonly queryCompatible: boolean
  readonly refusals: RefusalWording
  /** Whether a value outside a modelled enum is refused. */
  readonly checksEnums: boolean
  readonly operations: ReadonlyMap<string, OperationModel>
  readonly errors: ReadonlyMap<string, ErrorModel>
  /** By query code; a shape's name is looked up before, so a code that is also a name means that shape. */
  readonly errorsByCode: ReadonlyMap<string, ErrorModel>
}

/** Made by `describeService`; costs nothing until `load` is first called. */
export interface ServiceModel {
  readonly signingName: string
  /** Known before loading when it was given or the module is at hand; needed to route requests without credentials. */
  readonly version: string | undefined
  /** Known before loading in the same way, for the same use. */
  readonly target: string | undefined
  /** The same promise every time; rejects only when the SDK module is not what it should be. */
  load(): Promise<LoadedService>
}
