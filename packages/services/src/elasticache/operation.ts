/** Types of this service's operations, read off the SDK: an input member or output member that AWS does not have fails to compile. */
import type * as sdk from '@aws-sdk/client-elasticache'
import type * as wire from '@hotshelf/wire'
import type { Call } from '../call.ts'

type Sdk = typeof sdk

export type OperationName = wire.OperationName<Sdk>
export type Operation<Name extends OperationName> = wire.Operation<Sdk, Name, Call>
export type Input<Name extends OperationName> = wire.InputOf<Sdk, Name>
export type ElastiCacheOperations = wire.Operations<Sdk, Call>
