import { expect, test } from 'vitest'
import { type NodeType, nodeType } from '../catalog/node-types.ts'
import { type GroupRequest, requireGroupCombination } from './replication-group.ts'

const named = (name: string): NodeType => nodeType(name) as NodeType

/** The group of the practitioner guide: three shards, two replicas each, everything on. */
const guide: GroupRequest = {
  engine: 'redis',
  engineVersion: '7.1',
  nodeType: named('cache.r7g.large'),
  clusterMode: 'enabled',
  nodesOfShards: [3, 3, 3],
  automaticFailover: true,
  multiAz: true,
  zones: ['ap-northeast-1a', 'ap-northeast-1c'],
  transitEncryption: 'required',
  atRestEncryption: true,
  authToken: false,
  userGroups: 0,
  dataTiering: undefined,
  networkType: 'ipv4',
  durability: false,
}
const plain: GroupRequest = {
  ...guide,
  clusterMode: 'disabled',
  nodesOfShards: [1],
  automaticFailover: false,
  multiAz: false,
  transitEncryption: 'off',
  atRestEncryption: false,
}

test.each<[string, Partial<GroupRequest>]>([
  ['one node without anything', {}],
  ['failover with a replica', { nodesOfShards: [2], automaticFailover: true }],
  ['a cluster of one shard and one node', { clusterMode: 'enabled', automaticFailover: true }],
  ['a token with TLS', { transitEncryption: 'required', authToken: true }],
  ['users with TLS', { transitEncryption: 'preferred', userGroups: 1 }],
  ['data tiering', { nodeType: named('cache.r6gd.xlarge'), dataTiering: true }],
  ['durability on valkey 9', { engine: 'valkey', engineVersion: '9.0', durability: true }],
  [
    '500 shards',
    { clusterMode: 'enabled', automaticFailover: true, nodesOfShards: Array.from({ length: 500 }, () => 1) },
  ],
])('%s can be made', (_, change) => {
  expect(() => requireGroupCombination({ ...plain, ...change })).not.toThrow()
})

test('the group of the practitioner guide can be made', () => {
  expect(() => requireGroupCombination(guide)).not.toThrow()
})

const combination = 'InvalidParameterCombinationException'
test.each<[Partial<GroupRequest>, string, string]>([
  [{ nodesOfShards: [1, 1] }, combination, 'Cluster mode must be enabled'],
  [
    { clusterMode: 'enabled' },
    'InvalidParameterValueException',
    'Redis with cluster mode enabled cannot be created with auto failover turned off.',
  ],
  [
    { automaticFailover: true },
    combination,
    'When using automatic failover, there must be at least 2 cache clusters in the replication group.',
  ],
  [{ automaticFailover: true, nodesOfShards: [2], nodeType: named('cache.t1.micro') }, combination, 'T1'],
  [{ multiAz: true, nodesOfShards: [2] }, combination, 'Automatic failover must be enabled for Multi-AZ.'],
  [
    { multiAz: true, automaticFailover: true, nodesOfShards: [2], zones: ['ap-northeast-1a'] },
    combination,
    'at least two availability zones',
  ],
  [
    { clusterMode: 'enabled', multiAz: true, automaticFailover: true, nodesOfShards: [2, 1] },
    combination,
    'at least one read replica in each node group',
  ],
  [{ transitEncryption: 'required', engineVersion: '3.2.10' }, combination, 'Encryption in-transit is not supported'],
  [{ transitEncryption: 'preferred', engineVersion: '6.2' }, combination, 'available from version 7.0'],
  [{ clusterMode: 'enabled', automaticFailover: true, engineVersion: '2.8.24' }, combination, 'from version 3.2.4'],
  [{ authToken: true }, combination, 'encryption-in-transit'],
  [{ userGroups: 1 }, combination, 'User group based access control requires encryption-in-transit'],
  [{ userGroups: 1, transitEncryption: 'required', engineVersion: '5.0.6' }, combination, 'from version 6.0'],
  [{ userGroups: 2, transitEncryption: 'required' }, 'InvalidParameterValueException', 'Only one user group'],
  [{ userGroups: 1, authToken: true, transitEncryption: 'required' }, combination, 'one or the other'],
  [{ nodeType: named('cache.r6gd.xlarge') }, combination, 'DataTieringEnabled must be true'],
  [{ dataTiering: true }, combination, 'Data tiering is not supported for node type cache.r7g.large'],
  [{ networkType: 'dual_stack', engineVersion: '6.0' }, combination, 'from version 6.2'],
  [{ durability: true }, combination, 'Durability is not supported for redis version 7.1.'],
  [
    { clusterMode: 'enabled', automaticFailover: true, nodesOfShards: Array.from({ length: 501 }, () => 1) },
    'NodeGroupsPerReplicationGroupQuotaExceededFault',
    '500',
  ],
  [
    { clusterMode: 'enabled', automaticFailover: true, nodesOfShards: Array.from({ length: 90 }, () => 6) },
    'NodeQuotaForClusterExceededFault',
    '500',
  ],
  [
    {
      clusterMode: 'enabled',
      automaticFailover: true,
      engineVersion: '4.0.10',
      nodesOfShards: Array.from({ length: 251 }, () => 1),
    },
    'NodeGroupsPerReplicationGroupQuotaExceededFault',
    '250',
  ],
])('%j is refused as %s: %s', (change, name, message) => {
  expect(() => requireGroupCombination({ ...plain, ...change })).toThrow(
    expect.objectContaining({ name, message: expect.stringContaining(message) }),
  )
})
