/**
 * A service as this kit sees it: its operations and errors, read from the schemas that the official SDK exports.
 * Reading is lazy, because a module such as client-ec2 costs a second and 90 MB: nothing is imported before the
 * first request that needs it.
 */
import type { Shape } from './shape.ts'

export interface OperationModel {
  readonly name: string
  readonly input: Shape
  readonly output: Shape
}

export interface ErrorModel {
  /** Name of the shape, for example `NotFoundException`; it is `__type` in JSON. */
  readonly name: string
  /** The code in XML answers, for example `NotFound`. */
  readonly code: string
  readonly status: number
  /** HTTP status in XML answers; differs from `status` for a few shapes. */
  readonly queryStatus: number
  readonly fault: 'client' | 'server'
  readonly shape: Shape
}

/** How the XML protocols of a service are spelled; `undefined` for a service that has none. */
export type FormDialect = 'query' | 'ec2' | undefined

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
  /** Whether JSON errors carry their query code in `x-amzn-query-error`. */
  readonly queryCompatible: boolean
  readonly operations: ReadonlyMap<string, OperationModel>
  readonly errors: ReadonlyMap<string, ErrorModel>
  readonly errorsByCode: ReadonlyMap<string, ErrorModel>
}

/** Made by `describeService`; cheap until `load` is first called. */
export interface ServiceModel {
  readonly signingName: string
  /** Known before loading, so that a request without credentials can be routed; undefined until then otherwise. */
  readonly version: string | undefined
  load(): Promise<LoadedService>
}

export interface ServiceOptions {
  /** SigV4 signing name: `elasticache`, `monitoring`, `logs`, … Requests are routed by it first. */
  readonly signingName: string
  /** The SDK module (`import * as sdk`), or a loader (`() => import('@aws-sdk/client-ec2')`) called once, at first use. */
  readonly sdk: object | (() => Promise<object>)
  /** The SDK's client class, or its export name where the module is loaded later (`'EC2Client'`). */
  readonly client: (new (config: never) => object) | string
  /** API version, for a lazily loaded service that must also answer requests without credentials. */
  readonly version?: string
  /** Serve only these operations of the model; every other one is answered as not built. All when left out. */
  readonly operations?: readonly string[]
  /** Whether a value outside a modelled enum is refused here (`check`) or left to the service's own rules (default). */
  readonly enums?: 'check' | 'ignore'
}
