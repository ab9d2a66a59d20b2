import {
  CreateCacheParameterGroupCommand,
  CreateReplicationGroupCommand,
  DeleteCacheParameterGroupCommand,
  DescribeCacheParameterGroupsCommand,
  DescribeCacheParametersCommand,
  DescribeEngineDefaultParametersCommand,
  DescribeEventsCommand,
  ModifyCacheParameterGroupCommand,
  type Parameter,
  ResetCacheParameterGroupCommand,
} from '@aws-sdk/client-elasticache'
import type { Arn } from '@hotshelf/domain'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type InProcess, refusal, startInProcess } from '../../../tests/in-process.ts'

let services: InProcess
beforeEach(async () => {
  services = await startInProcess()
})
afterEach(() => services.close())

const create = (name: string, family = 'redis7') =>
  services.elasticache.send(
    new CreateCacheParameterGroupCommand({
      CacheParameterGroupName: name,
      CacheParameterGroupFamily: family,
      Description: 'Managed by Terraform',
    }),
  )
const named = (values: Record<string, string | undefined>) =>
  Object.entries(values).map(([ParameterName, ParameterValue]) => ({ ParameterName, ParameterValue }))
const modify = (name: string, values: Record<string, string | undefined>) =>
  services.elasticache.send(
    new ModifyCacheParameterGroupCommand({ CacheParameterGroupName: name, ParameterNameValues: named(values) }),
  )
const reset = (name: string, input: object) =>
  services.elasticache.send(
    new ResetCacheParameterGroupCommand({ CacheParameterGroupName: name, ParameterNameValues: [], ...input }),
  )
const remove = (name: string) =>
  services.elasticache.send(new DeleteCacheParameterGroupCommand({ CacheParameterGroupName: name }))
const groups = (input = {}) => services.elasticache.send(new DescribeCacheParameterGroupsCommand(input))
const parameters = (name: string, input = {}) =>
  services.elasticache.send(new DescribeCacheParametersCommand({ CacheParameterGroupName: name, ...input }))
const valuesOf = (found: Parameter[] | undefined) =>
  Object.fromEntries((found ?? []).map(({ ParameterName: name, ParameterValue: value }) => [name, value]))
const userValues = async (name: string) => valuesOf((await parameters(name, { Source: 'user' })).Parameters)
const use = (id: string, CacheParameterGroupName: string) =>
  services.elasticache.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: id,
      ReplicationGroupDescription: 'user',
      CacheNodeType: 'cache.r7g.large',
      CacheParameterGroupName,
    }),
  )

describe('parameter groups', () => {
  it('are made of a family, in lower case', async () => {
    const { CacheParameterGroup: group } = await create('App-Redis71-Params-Prod')
    const expected = {
      CacheParameterGroupName: 'app-redis71-params-prod',
      CacheParameterGroupFamily: 'redis7',
      Description: 'Managed by Terraform',
      IsGlobal: false,
      ARN: 'arn:aws:elasticache:us-east-1:000000000000:parametergroup:app-redis71-params-prod',
    }
    expect(group).toEqual(expected)
    expect((await groups({ CacheParameterGroupName: 'APP-redis71-params-prod' })).CacheParameterGroups).toEqual([
      expected,
    ])
  })

  it('refuse a taken name, a name that is no identifier, and a family that does not exist', async () => {
    await create('taken')
    expect(await refusal(create('taken'))).toEqual({
      name: 'CacheParameterGroupAlreadyExistsFault',
      message: 'Parameter group taken already exists',
      status: 400,
    })
    expect(await refusal(create('a.b'))).toMatchObject({
      name: 'InvalidParameterValueException',
      message: expect.stringMatching(/^The parameter CacheParameterGroupName is not a valid identifier\./),
    })
    expect(await refusal(create('group', 'redis7.cluster.on'))).toMatchObject({
      message: 'CacheParameterGroupFamily redis7.cluster.on is not a valid parameter group family.',
    })
  })

  it('are listed with the default groups of every family, by name, in pages', async () => {
    for (let i = 10; i < 25; i++) await create(`group-${i}`)
    const first = await groups({ MaxRecords: 20 })
    const second = await groups({ MaxRecords: 100, Marker: first.Marker })
    expect(first.CacheParameterGroups).toHaveLength(20)
    const names = [...first.CacheParameterGroups!, ...second.CacheParameterGroups!].map(g => g.CacheParameterGroupName!)
    expect(names).toEqual(names.toSorted())
    expect(new Set(names).size).toBe(names.length)
    expect(names).toEqual(
      expect.arrayContaining(['default.memcached1.6', 'default.redis7', 'default.valkey8', 'group-24']),
    )
    const { CacheParameterGroups: clustered } = await groups({ CacheParameterGroupName: 'default.redis7.cluster.on' })
    expect(clustered).toEqual([
      {
        CacheParameterGroupName: 'default.redis7.cluster.on',
        CacheParameterGroupFamily: 'redis7',
        Description: 'Customized default parameter group for redis7 with cluster mode on',
        IsGlobal: false,
        ARN: 'arn:aws:elasticache:us-east-1:000000000000:parametergroup:default.redis7.cluster.on',
      },
    ])
  })

  it('word "not found" in the three ways of AWS', async () => {
    const fault = { name: 'CacheParameterGroupNotFoundFault', status: 404 }
    const described = { ...fault, message: 'CacheParameterGroup missing not found.' }
    expect(await refusal(groups({ CacheParameterGroupName: 'missing' }))).toEqual(described)
    expect(await refusal(parameters('missing'))).toEqual(described)
    expect(await refusal(modify('missing', { timeout: '1' }))).toEqual({
      ...fault,
      message: 'CacheParameterGroup not found: missing',
    })
    expect(await refusal(remove('missing'))).toEqual({ ...fault, message: 'CacheParameterGroupnot found: missing' })
  })
})

describe('parameters', () => {
  it("of the guide's template come back as `user`, text for text, and nothing else does", async () => {
    await create('group')
    const given = {
      'maxmemory-policy': 'allkeys-lru',
      'notify-keyspace-events': 'Ex',
      timeout: '300',
      'tcp-keepalive': '60',
    }
    expect(await modify('group', given)).toMatchObject({ CacheParameterGroupName: 'group' })
    expect(await userValues('group')).toEqual(given)
    const { Parameters: all, CacheNodeTypeSpecificParameters: byType } = await parameters('group')
    expect(valuesOf(all)).toMatchObject({ ...given, 'maxmemory-samples': '3' })
    expect(all?.find(parameter => parameter.ParameterName === 'timeout')).toMatchObject({
      ParameterValue: '300',
      Source: 'user',
      DataType: 'integer',
      AllowedValues: '0,20-',
      IsModifiable: true,
      ChangeType: 'immediate',
    })
    expect(all?.filter(parameter => parameter.Source === 'system').length).toBe(all!.length - 4)
    const maxmemory = byType?.find(parameter => parameter.ParameterName === 'maxmemory')
    expect(maxmemory).toMatchObject({ Source: 'system', IsModifiable: false })
    const large = maxmemory?.CacheNodeTypeSpecificValues?.find(value => value.CacheNodeType === 'cache.r7g.large')
    expect(Number(large?.Value)).toBeGreaterThan(12e9)
  })

  it('set to their own default are still the user’s, until they are reset', async () => {
    await create('group')
    await modify('group', { timeout: '0', 'tcp-keepalive': '60' })
    expect(await userValues('group')).toEqual({ timeout: '0', 'tcp-keepalive': '60' })
    await reset('group', { ParameterNameValues: named({ timeout: '0' }) })
    expect(await userValues('group')).toEqual({ 'tcp-keepalive': '60' })
    await reset('group', { ResetAllParameters: true })
    expect(await userValues('group')).toEqual({})
    expect(
      await refusal(reset('group', { ResetAllParameters: true, ParameterNameValues: named({ timeout: '0' }) })),
    ).toMatchObject({
      name: 'InvalidParameterCombinationException',
    })
    expect(await refusal(reset('group', {}))).toMatchObject({ name: 'InvalidParameterValueException' })
  })

  it('are refused with all others of the request when one is unknown, unmodifiable or not allowed', async () => {
    await create('group')
    expect(await refusal(modify('group', { timeout: '300', 'reserved-memory': '1' }))).toEqual({
      name: 'InvalidParameterValueException',
      message: "Parameter reserved-memory doesn't exist",
      status: 400,
    })
    for (const wrong of [{ 'maxmemory-policy': 'lru' }, { timeout: '5' }, { maxmemory: '1' }, { timeout: undefined }]) {
      expect(await refusal(modify('group', wrong as never))).toMatchObject({ name: 'InvalidParameterValueException' })
    }
    const many = Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`p${i}`, '1']))
    expect(await refusal(modify('group', many))).toMatchObject({
      message: 'Cannot modify more than 20 parameters in a single request',
    })
    expect(await userValues('group')).toEqual({})
  })

  it('of default groups cannot be changed, and default groups cannot be deleted', async () => {
    expect(await refusal(modify('default.redis7', { timeout: '300' }))).toMatchObject({
      name: 'InvalidParameterValueException',
      message: 'The parameter group default.redis7 is a default group and cannot be modified.',
    })
    expect(await refusal(remove('default.redis7'))).toMatchObject({
      message: expect.stringContaining('is not a valid identifier'),
    })
    expect(valuesOf((await parameters('default.redis7.cluster.on')).Parameters)).toMatchObject({
      'cluster-enabled': 'yes',
    })
    expect(await userValues('default.redis7.cluster.on')).toEqual({})
  })

  it('wake every group that uses them, and tell the events', async () => {
    await create('group')
    await use('one', 'group')
    await use('other', 'default.redis7')
    services.woken.length = 0
    await modify('group', { timeout: '300' })
    await reset('group', { ResetAllParameters: true })
    const one = 'arn:aws:elasticache:us-east-1:000000000000:replicationgroup:one'
    expect(services.woken).toEqual([one, one])
    const { Events } = await services.elasticache.send(
      new DescribeEventsCommand({ SourceType: 'cache-parameter-group' }),
    )
    expect(Events?.map(event => event.Message)).toEqual([
      'Updated parameter timeout to 300',
      'Reset parameters to their defaults: timeout',
    ])
  })

  it('that are fixed when a node is made cannot change while the group is in use, nor can the group be deleted', async () => {
    await create('group')
    await modify('group', { 'cluster-enabled': 'yes' })
    await modify('group', { 'cluster-enabled': 'no' })
    await use('one', 'group')
    expect(await refusal(modify('group', { 'cluster-enabled': 'yes' }))).toMatchObject({
      name: 'InvalidParameterValueException',
    })
    expect(await refusal(remove('group'))).toEqual({
      name: 'InvalidCacheParameterGroupStateFault',
      message:
        'One or more cache clusters are still members of this parameter group group, so the group cannot be deleted.',
      status: 400,
    })
    await services.store.replicationGroups.remove(
      'arn:aws:elasticache:us-east-1:000000000000:replicationgroup:one' as Arn,
    )
    await remove('group')
    expect(await refusal(parameters('group'))).toMatchObject({ name: 'CacheParameterGroupNotFoundFault' })
  })

  it('are described page by page, without gaps or repetitions', async () => {
    const first = await parameters('default.redis7', { MaxRecords: 20 })
    const rest: Parameter[] = []
    for (let marker = first.Marker; marker !== undefined; ) {
      const page = await parameters('default.redis7', { MaxRecords: 20, Marker: marker })
      expect(page.CacheNodeTypeSpecificParameters ?? []).toEqual([])
      rest.push(...page.Parameters!)
      marker = page.Marker
    }
    const { Parameters: all } = await parameters('default.redis7')
    expect([...first.Parameters!, ...rest]).toEqual(all)
    expect(await refusal(parameters('default.redis7', { Source: 'elsewhere' }))).toMatchObject({
      name: 'InvalidParameterValueException',
    })
    expect((await parameters('default.redis7', { Source: 'user' })).Parameters).toEqual([])
  })
})

describe('engine defaults', () => {
  const defaults = (family: string, input = {}) =>
    services.elasticache.send(
      new DescribeEngineDefaultParametersCommand({ CacheParameterGroupFamily: family, ...input }),
    )

  it('are a family’s parameters before anybody changed them', async () => {
    const { EngineDefaults } = await defaults('valkey8')
    expect(EngineDefaults?.CacheParameterGroupFamily).toBe('valkey8')
    expect(valuesOf(EngineDefaults?.Parameters)).toMatchObject({
      'cluster-enabled': 'no',
      'maxmemory-policy': 'volatile-lru',
    })
    expect(EngineDefaults?.CacheNodeTypeSpecificParameters?.map(parameter => parameter.ParameterName)).toContain(
      'maxmemory',
    )
  })

  it('are paged, and refuse a family that does not exist', async () => {
    const { EngineDefaults: first } = await defaults('redis7', { MaxRecords: 20 })
    const { EngineDefaults: second } = await defaults('redis7', { MaxRecords: 20, Marker: first?.Marker })
    expect(second?.Parameters).toHaveLength(20)
    expect(second?.Parameters?.[0]?.ParameterName).not.toBe(first?.Parameters?.[0]?.ParameterName)
    expect(await refusal(defaults('redis8'))).toMatchObject({ name: 'InvalidParameterValueException' })
  })
})
