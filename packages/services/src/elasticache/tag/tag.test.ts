import {
  AddTagsToResourceCommand,
  CreateCacheParameterGroupCommand,
  CreateCacheSubnetGroupCommand,
  CreateReplicationGroupCommand,
  ListTagsForResourceCommand,
  RemoveTagsFromResourceCommand,
  type Tag,
} from '@aws-sdk/client-elasticache'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { groupArn, type InProcess, refusal, scope, startInProcess } from '../../../tests/in-process.ts'
import { defaultSubnets, defaultVpcId } from '../../ec2/default-vpc.ts'

const arn = (type: string, name: string) => `arn:aws:elasticache:us-east-1:000000000000:${type}:${name}`
const group = groupArn('group')
const member = arn('cluster', 'group-001')

let services: InProcess
beforeEach(async () => {
  services = await startInProcess()
  await services.elasticache.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: 'group',
      ReplicationGroupDescription: '',
      CacheNodeType: 'cache.t4g.micro',
      Tags: [{ Key: 'Environment', Value: 'production' }],
    }),
  )
})
afterEach(() => services.close())

const list = async (ResourceName: string) =>
  (await services.elasticache.send(new ListTagsForResourceCommand({ ResourceName }))).TagList
const add = async (ResourceName: string, Tags: Tag[]) =>
  (await services.elasticache.send(new AddTagsToResourceCommand({ ResourceName, Tags }))).TagList
const remove = async (ResourceName: string, TagKeys: string[]) =>
  (await services.elasticache.send(new RemoveTagsFromResourceCommand({ ResourceName, TagKeys }))).TagList

describe('tags', () => {
  it('are added, replaced, listed and removed', async () => {
    const both = [
      { Key: 'Environment', Value: 'staging' },
      { Key: 'Service', Value: 'cache' },
    ]
    expect(await add(group, both)).toEqual(both)
    expect(await list(group)).toEqual(both)
    expect(await remove(group, ['Environment'])).toEqual([{ Key: 'Service', Value: 'cache' }])
    expect(await refusal(remove(group, ['Environment']))).toMatchObject({ name: 'TagNotFoundFault', status: 404 })
  })

  it('of a group count for its members, which may have more of their own', async () => {
    expect(await list(member)).toEqual([{ Key: 'Environment', Value: 'production' }])
    const own = [
      { Key: 'Environment', Value: 'mine' },
      { Key: 'Node', Value: '1' },
    ]
    expect(await add(member, own)).toEqual(own)
    expect(await list(group)).toEqual([{ Key: 'Environment', Value: 'production' }])
    expect(await remove(member, ['Environment'])).toEqual([
      { Key: 'Environment', Value: 'production' },
      { Key: 'Node', Value: '1' },
    ])
    expect(await refusal(remove(member, ['Environment']))).toMatchObject({ name: 'TagNotFoundFault' })
  })

  it('belong to subnet groups, parameter groups and default parameter groups too', async () => {
    const Tags = [{ Key: 'a', Value: '1' }]
    await services.elasticache.send(
      new CreateCacheParameterGroupCommand({
        CacheParameterGroupName: 'mine',
        CacheParameterGroupFamily: 'redis7',
        Description: '',
        Tags,
      }),
    )
    const [subnet] = defaultSubnets(scope, defaultVpcId(scope), ['us-east-1a'])
    await services.elasticache.send(
      new CreateCacheSubnetGroupCommand({
        CacheSubnetGroupName: 'mine',
        CacheSubnetGroupDescription: '',
        SubnetIds: [subnet!.id],
        Tags,
      }),
    )
    for (const type of ['parametergroup', 'subnetgroup']) expect(await list(arn(type, 'mine'))).toEqual(Tags)
    expect(await list(arn('parametergroup', 'default.redis7'))).toEqual([])
    expect(await add(arn('parametergroup', 'default.redis7.cluster.on'), Tags)).toEqual(Tags)
  })

  it('are at most fifty, all together or none, with keys that are the customer’s', async () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => ({ Key: `k${i}`, Value: '' }))
    expect(await refusal(add(group, many(50)))).toMatchObject({ name: 'TagQuotaPerResourceExceeded' })
    expect(await list(group)).toHaveLength(1)
    expect(await add(group, many(49))).toHaveLength(50)
    expect(await refusal(add(group, [{ Key: 'aws:mine', Value: '' }]))).toMatchObject({
      message: 'aws: prefixed tag key names are not allowed for external use.',
    })
    expect(await refusal(add(group, [{ Key: 'k'.repeat(129), Value: '' }]))).toMatchObject({
      name: 'InvalidParameterValueException',
    })
  })
})

describe('the ARN of a tag call', () => {
  it('is judged part by part, in the words of AWS', async () => {
    const refused: [string, string, string][] = [
      [
        'arn:aws:elasticache:us-east-1:replicationgroup:x',
        'InvalidARNFault',
        'Input ARN string does not have 7 components.',
      ],
      [
        'arn:azure:elasticache:us-east-1:000000000000:replicationgroup:x',
        'InvalidARNFault',
        'partition field is wrong. Expected value is aws',
      ],
      [
        'arn:aws:rds:us-east-1:000000000000:cluster:x',
        'InvalidARNFault',
        'service field is wrong. Expected value is elasticache',
      ],
      [
        'arn:aws:elasticache:eu-west-1:000000000000:replicationgroup:group',
        'InvalidParameterValueException',
        'Unauthorized call. Please check the region or customer id',
      ],
      [
        'arn:aws:elasticache:us-east-1:999999999999:replicationgroup:group',
        'InvalidParameterValueException',
        'Unauthorized call. Please check the region or customer id',
      ],
      [arn('bucket', 'x'), 'InvalidARNFault', 'resource type field is wrong: bucket'],
    ]
    for (const [text, name, message] of refused) expect(await refusal(list(text))).toMatchObject({ name, message })
  })

  it('names something that exists, or the fault of its type is answered', async () => {
    const faults = {
      cluster: 'CacheClusterNotFoundFault',
      replicationgroup: 'ReplicationGroupNotFoundFault',
      subnetgroup: 'CacheSubnetGroupNotFoundFault',
      parametergroup: 'CacheParameterGroupNotFoundFault',
      snapshot: 'SnapshotNotFoundFault',
      user: 'UserNotFoundFault',
      usergroup: 'UserGroupNotFoundFault',
      serverlesscache: 'ServerlessCacheNotFoundFault',
    }
    for (const [type, name] of Object.entries(faults)) {
      expect(await refusal(list(arn(type, 'x-001')))).toMatchObject({
        name,
        message: 'x-001 is either not present or not available.',
      })
    }
  })
})
