/**
 * What the compiler must accept and refuse of a service's handlers; checked by `src/operations.test.ts`.
 * Each `@ts-expect-error` is a test: the compiler complains when the line below it is right after all.
 */
import type * as ec2 from '@aws-sdk/client-ec2'
import type * as elasticache from '@aws-sdk/client-elasticache'
import { createWire } from '../src/create-wire.ts'
import type { WireCall } from '../src/message.ts'
import type { InputOf, Operation, OperationName, Operations, OutputOf } from '../src/operations.ts'
import type { ServiceModel } from '../src/schema/service-model.ts'

type Sdk = typeof elasticache

interface Call extends WireCall {
  readonly store: { find(id: string): Promise<string> }
}

/** Some operations of many are enough, and what they add to the call is there. */
export const partial: Operations<Sdk, Call> = {
  DescribeReplicationGroups: async (input, call) => {
    const id: string | undefined = input.ReplicationGroupId
    return { ReplicationGroups: [{ ReplicationGroupId: await call.store.find(id ?? ''), Status: 'available' }] }
  },
  DeleteUser: input => ({ UserId: input.UserId }),
  AddTagsToResource: () => ({}),
}

export const single: Operation<Sdk, 'TestFailover', Call> = async input => ({
  ReplicationGroup: { ReplicationGroupId: input.ReplicationGroupId },
})

/** The largest SDK of all is readable too. */
export const network: Operations<typeof ec2> = { DescribeVpcs: input => ({ Vpcs: [{ VpcId: input.VpcIds?.[0] }] }) }

export const input: InputOf<Sdk, 'CreateUserGroup'> = { UserGroupId: 'g', Engine: 'valkey' }
export const output: OutputOf<Sdk, 'DeleteUser'> = { Status: 'deleting' }
export const name: OperationName<Sdk> = 'CreateReplicationGroup'

export const unknownOperation: Operations<Sdk> = {
  // @ts-expect-error an operation that AWS does not have
  CreateReplicationGroop: () => ({}),
}

export const wrongOutput: Operations<Sdk> = {
  // @ts-expect-error an output member of another type
  DescribeCacheClusters: async () => ({ CacheClusters: 'one' }),
}

export const misspeltOutput: Operations<Sdk> = {
  // @ts-expect-error an output of which no member is known
  CreateReplicationGroup: async () => ({ ReplicationGroop: {} }),
}

export const misspeltInside: Operations<Sdk> = {
  // @ts-expect-error a value that no enum of the output has
  DescribeUsers: () => ({ Users: [{ Authentication: { Type: 'fingerprint' } }] }),
}

export const unknownInput: Operations<Sdk> = {
  // @ts-expect-error an input member that does not exist
  DeleteUser: given => ({ UserId: given.UserName }),
}

export const noOutput: Operations<Sdk> = {
  // @ts-expect-error an operation must answer with something
  DescribeUsers: async () => {},
}

// @ts-expect-error the metadata is the client's business, not a handler's
export const metadata: OutputOf<Sdk, 'DeleteUser'> = { $metadata: {} }

// @ts-expect-error not an operation
export const notAnOperation: OperationName<Sdk> = 'ElastiCacheClient'

// @ts-expect-error a required member is missing
export const missing: InputOf<Sdk, 'CreateUserGroup'> = { UserGroupId: 'g' }

declare const model: ServiceModel
const options = { region: 'us-east-1', accountId: '000000000000', onUnhandled: () => {} }
const plain: Operations<Sdk> = {}

export const simple = createWire({ ...options, services: [{ model, operations: plain }] })

export const extended = createWire<Call>({
  ...options,
  services: [{ model, operations: partial }],
  extendCall: call => ({ ...call, store: { find: async id => id } }),
})

// @ts-expect-error handlers that ask for more than a WireCall must be given it
export const unextended = createWire<Call>({ ...options, services: [{ model, operations: partial }] })

// @ts-expect-error and not something else
export const misextended = createWire<Call>({ ...options, services: [], extendCall: call => ({ ...call, store: 1 }) })
