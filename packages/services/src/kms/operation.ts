/** Types of this service's operations, read off the SDK. */
import type * as sdk from '@aws-sdk/client-kms'
import type * as wire from '@hotshelf/wire'
import type { Call } from '../call.ts'

type Sdk = typeof sdk

export type Operation<Name extends wire.OperationName<Sdk>> = wire.Operation<Sdk, Name, Call>
export type KmsOperations = wire.Operations<Sdk, Call>
