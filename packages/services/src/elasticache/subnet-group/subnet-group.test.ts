import {
  CreateCacheSubnetGroupCommand,
  CreateReplicationGroupCommand,
  DeleteCacheSubnetGroupCommand,
  DescribeCacheSubnetGroupsCommand,
  ModifyCacheSubnetGroupCommand,
} from '@aws-sdk/client-elasticache'
import type { Arn } from '@hotshelf/domain'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type InProcess, refusal, scope, startInProcess } from '../../../tests/in-process.ts'
import { defaultSubnets, defaultVpcId, type SubnetDesired } from '../../ec2/default-vpc.ts'

const subnets = defaultSubnets(scope, defaultVpcId(scope), ['us-east-1a', 'us-east-1b', 'us-east-1c'])
const ids = subnets.map(subnet => subnet.id)

let services: InProcess
beforeEach(async () => {
  services = await startInProcess()
})
afterEach(() => services.close())

const create = (name: string, SubnetIds = ids) =>
  services.elasticache.send(
    new CreateCacheSubnetGroupCommand({
      CacheSubnetGroupName: name,
      CacheSubnetGroupDescription: 'for tests',
      SubnetIds,
    }),
  )
const describeGroups = (input = {}) => services.elasticache.send(new DescribeCacheSubnetGroupsCommand(input))
const modify = (name: string, input: object) =>
  services.elasticache.send(new ModifyCacheSubnetGroupCommand({ CacheSubnetGroupName: name, ...input }))
const remove = (name: string) =>
  services.elasticache.send(new DeleteCacheSubnetGroupCommand({ CacheSubnetGroupName: name }))
const useGroup = (group: string, CacheSubnetGroupName?: string) =>
  services.elasticache.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: group,
      ReplicationGroupDescription: 'user',
      CacheNodeType: 'cache.t4g.micro',
      CacheSubnetGroupName,
    }),
  )

const subnetElsewhere: SubnetDesired = {
  id: 'subnet-0000000000000elsewhere',
  vpcId: 'vpc-0000000000000elsewhere',
  cidrBlock: '10.0.0.0/24',
  availabilityZone: 'us-east-1a',
  defaultForAz: false,
}
const addSubnetElsewhere = () =>
  services.store.repository<SubnetDesired>('subnet').insert({
    ...scope,
    arn: `arn:aws:ec2:us-east-1:000000000000:subnet/${subnetElsewhere.id}` as Arn,
    name: subnetElsewhere.id,
    desired: subnetElsewhere,
    createdAt: new Date(),
  })

describe('subnet groups', () => {
  it('take VPC and zones from the subnets, and keep the name in lower case', async () => {
    const { CacheSubnetGroup: group } = await create('My-Cache-Subnet')
    const expected = {
      CacheSubnetGroupName: 'my-cache-subnet',
      CacheSubnetGroupDescription: 'for tests',
      VpcId: defaultVpcId(scope),
      Subnets: subnets.map(subnet => ({
        SubnetIdentifier: subnet.id,
        SubnetAvailabilityZone: { Name: subnet.availabilityZone },
        SupportedNetworkTypes: ['ipv4'],
      })),
      ARN: 'arn:aws:elasticache:us-east-1:000000000000:subnetgroup:my-cache-subnet',
      SupportedNetworkTypes: ['ipv4'],
    }
    expect(group).toEqual(expected)
    expect((await describeGroups({ CacheSubnetGroupName: 'MY-cache-subnet' })).CacheSubnetGroups).toEqual([expected])
  })

  it('are paged by name, and a page holds 20 to 100', async () => {
    for (let i = 10; i < 35; i++) await create(`group-${i}`, ids.slice(0, 1))
    const first = await describeGroups({ MaxRecords: 20 })
    expect(first.CacheSubnetGroups).toHaveLength(20)
    const second = await describeGroups({ MaxRecords: 20, Marker: first.Marker })
    expect(second.CacheSubnetGroups?.map(group => group.CacheSubnetGroupName)).toEqual(
      [30, 31, 32, 33, 34].map(i => `group-${i}`),
    )
    expect(second.Marker).toBeUndefined()
    expect(await refusal(describeGroups({ MaxRecords: 19 }))).toMatchObject({ name: 'InvalidParameterValueException' })
    expect(await refusal(describeGroups({ Marker: 'stranger' }))).toMatchObject({ message: 'The marker is not valid.' })
  })

  it('refuse names that are taken or no identifiers', async () => {
    await create('taken')
    expect(await refusal(create('taken'))).toEqual({
      name: 'CacheSubnetGroupAlreadyExistsFault',
      message: 'Cache subnet group taken already exists.',
      status: 400,
    })
    expect(await refusal(create('default'))).toMatchObject({ name: 'CacheSubnetGroupAlreadyExistsFault' })
    for (const name of ['a--b', '1a', 'a_b', 'a-']) {
      expect(await refusal(create(name))).toMatchObject({
        name: 'InvalidParameterValueException',
        message: expect.stringMatching(/^The parameter CacheSubnetGroupName is not a valid identifier\./),
      })
    }
  })

  it('refuse subnets that do not exist, are too many, or lie in two VPCs', async () => {
    expect(await refusal(create('a', ['subnet-1', 'subnet-2']))).toEqual({
      name: 'InvalidParameterValueException',
      message: 'Some input subnets in :[subnet-1, subnet-2] are invalid.',
      status: 400,
    })
    expect(await refusal(create('a', []))).toMatchObject({ message: 'The parameter SubnetIds must be provided.' })
    await addSubnetElsewhere()
    expect(await refusal(create('a', [ids[0]!, subnetElsewhere.id]))).toEqual({
      name: 'InvalidSubnet',
      message: `Subnets ${ids[0]} and ${subnetElsewhere.id} are not in the same VPC.`,
      status: 400,
    })
    const many = Array.from({ length: 21 }, (_, i) => `subnet-${i}`)
    expect(await refusal(create('a', many))).toMatchObject({ name: 'CacheSubnetQuotaExceededFault' })
  })

  it('change description and subnets', async () => {
    await create('group')
    const { CacheSubnetGroup: described } = await modify('group', { CacheSubnetGroupDescription: 'new' })
    expect(described).toMatchObject({ CacheSubnetGroupDescription: 'new', Subnets: { length: 3 } })
    const { CacheSubnetGroup: shrunk } = await modify('group', { SubnetIds: ids.slice(1) })
    expect(shrunk?.Subnets?.map(subnet => subnet.SubnetIdentifier)).toEqual(ids.slice(1))
    expect(shrunk?.CacheSubnetGroupDescription).toBe('new')
    expect(await refusal(modify('missing', {}))).toEqual({
      name: 'CacheSubnetGroupNotFoundFault',
      message: 'Cache subnet group missing not found.',
      status: 400,
    })
  })

  it('keep the zones that nodes stand in', async () => {
    await create('group', ids.slice(0, 1))
    await useGroup('user', 'group')
    await modify('group', { SubnetIds: ids })
    expect(await refusal(modify('group', { SubnetIds: ids.slice(1) }))).toMatchObject({
      name: 'SubnetInUse',
      message: expect.stringContaining(ids[0]!),
    })
    await addSubnetElsewhere()
    expect(await refusal(modify('group', { SubnetIds: [subnetElsewhere.id] }))).toMatchObject({ name: 'InvalidSubnet' })
  })

  it('cannot be deleted while a cache uses them, and are gone afterwards', async () => {
    await create('group')
    await useGroup('user', 'group')
    expect(await refusal(remove('group'))).toEqual({
      name: 'CacheSubnetGroupInUse',
      message: 'Cache subnet group group is currently in use by a cache cluster.',
      status: 400,
    })
    await services.store.replicationGroups.remove(
      'arn:aws:elasticache:us-east-1:000000000000:replicationgroup:user' as Arn,
    )
    await remove('group')
    expect(await refusal(remove('group'))).toEqual({
      name: 'CacheSubnetGroupNotFoundFault',
      message: 'Cache Subnet Group group does not exist.',
      status: 400,
    })
    expect(await refusal(describeGroups({ CacheSubnetGroupName: 'group' }))).toMatchObject({
      message: 'Cache subnet group group not found.',
    })
  })

  it('have a default that appears with the first cache that needs it, and stays', async () => {
    expect((await describeGroups()).CacheSubnetGroups).toEqual([])
    await useGroup('user')
    const { CacheSubnetGroups: groups } = await describeGroups()
    expect(groups).toMatchObject([
      {
        CacheSubnetGroupName: 'default',
        CacheSubnetGroupDescription: 'Default CacheSubnetGroup',
        Subnets: { length: 3 },
      },
    ])
    expect(await refusal(remove('default'))).toMatchObject({ name: 'InvalidParameterValueException' })
  })

  it('belong to one region', async () => {
    await create('group')
    const elsewhere = services.clientIn('eu-west-1')
    expect((await elsewhere.send(new DescribeCacheSubnetGroupsCommand({}))).CacheSubnetGroups).toEqual([])
    const call = elsewhere.send(
      new CreateCacheSubnetGroupCommand({
        CacheSubnetGroupName: 'group',
        CacheSubnetGroupDescription: '',
        SubnetIds: ids,
      }),
    )
    expect(await refusal(call)).toMatchObject({ message: `Some input subnets in :[${ids.join(', ')}] are invalid.` })
  })
})
