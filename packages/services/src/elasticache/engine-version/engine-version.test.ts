import {
  DescribeCacheEngineVersionsCommand,
  type DescribeCacheEngineVersionsCommandInput,
  DescribeCacheSecurityGroupsCommand,
  DescribeReservedCacheNodesCommand,
  DescribeServerlessCachesCommand,
} from '@aws-sdk/client-elasticache'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type InProcess, refusal, startInProcess } from '../../../tests/in-process.ts'

let services: InProcess
beforeEach(async () => {
  services = await startInProcess()
})
afterEach(() => services.close())

const versions = (input: DescribeCacheEngineVersionsCommandInput = {}) =>
  services.elasticache.send(new DescribeCacheEngineVersionsCommand(input))
const names = async (input: DescribeCacheEngineVersionsCommandInput) =>
  (await versions(input)).CacheEngineVersions?.map(({ Engine, EngineVersion }) => `${Engine} ${EngineVersion}`)

describe('engine versions', () => {
  it('are described as AWS does', async () => {
    expect((await versions({ Engine: 'redis', EngineVersion: '7.1' })).CacheEngineVersions).toEqual([
      {
        Engine: 'redis',
        EngineVersion: '7.1',
        CacheParameterGroupFamily: 'redis7',
        CacheEngineDescription: 'Redis',
        CacheEngineVersionDescription: 'redis version 7.1.0',
      },
    ])
  })

  it('are filtered by engine, version, family and default', async () => {
    expect(await names({ CacheParameterGroupFamily: 'valkey8' })).toEqual(['valkey 8.0', 'valkey 8.1', 'valkey 8.2'])
    expect(await names({ Engine: 'redis', DefaultOnly: true })).toEqual(['redis 7.1'])
    expect(await names({ DefaultOnly: true })).toHaveLength(3)
    expect(await names({ Engine: 'redis', EngineVersion: '9.9' })).toEqual([])
  })

  it('are paged without gaps', async () => {
    const first = await versions({ MaxRecords: 20 })
    const second = await versions({ MaxRecords: 100, Marker: first.Marker })
    expect([...first.CacheEngineVersions!, ...second.CacheEngineVersions!]).toEqual(
      (await versions()).CacheEngineVersions,
    )
  })
})

describe('the classic cache security groups', () => {
  it('are not permitted, as in every account without EC2-Classic', async () => {
    expect(await refusal(services.elasticache.send(new DescribeCacheSecurityGroupsCommand({})))).toEqual({
      name: 'InvalidParameterValueException',
      message: 'Use of cache security groups is not permitted in this API version for your account.',
      status: 400,
    })
  })
})

describe('operations that are not built', () => {
  it('answer InvalidAction with 400', async () => {
    const calls = [
      services.elasticache.send(new DescribeReservedCacheNodesCommand({})),
      services.elasticache.send(new DescribeServerlessCachesCommand({})),
    ]
    for (const call of calls) expect(await refusal(call)).toMatchObject({ name: 'InvalidAction', status: 400 })
  })
})
