/**
 * The ElastiCache API as Python programs use it: boto3's own waiters and paginators, its exception classes by error
 * code, and answers read by botocore's model. Nothing but AWS_ENDPOINT_URL points boto3 here.
 */
import { execFileSync, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type {
  CacheClusterMessage,
  CreateReplicationGroupResult,
  ReplicationGroupMessage,
  TagListMessage,
} from '@aws-sdk/client-elasticache'
import { dispose, type Hotshelf, processesIn, startHotshelf } from '@hotshelf/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

interface Call {
  readonly call?: string
  readonly pages?: string
  readonly wait?: string
  readonly with?: Readonly<Record<string, unknown>>
}

interface Refusal {
  readonly exception: string
  readonly code: string
  readonly message: string
  readonly status: number
}

type Page = Readonly<Record<string, readonly Readonly<Record<string, string>>[]>>

interface Outcome {
  readonly answer?: unknown
  readonly refused?: Refusal
  readonly gaveUp?: string
}

const program = fileURLToPath(new URL('boto3_calls.py', import.meta.url))
const missing = boto3Missing()
if (missing !== undefined) console.warn(`Skipped: ${missing}.`)

let hotshelf: Hotshelf

function boto3Missing(): string | undefined {
  try {
    execFileSync('python3', ['-c', 'import boto3'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'python3 with boto3 is not on this machine'
  }
}

async function outcomes(calls: readonly Call[]): Promise<readonly Outcome[]> {
  const account = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_DEFAULT_REGION: 'us-east-1' }
  const child = spawn('python3', [program], {
    env: { ...process.env, ...account, AWS_ENDPOINT_URL: hotshelf.endpoint },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end(JSON.stringify(calls))
  let written = ''
  for await (const bytes of child.stdout) written += String(bytes)
  return JSON.parse(written) as readonly Outcome[]
}

/** What boto3 read, in the SDK's words for it; times are texts. */
function answered<T>(outcome: Outcome | undefined): T {
  expect(outcome?.refused ?? outcome?.gaveUp).toBeUndefined()
  return outcome!.answer as T
}

beforeAll(async () => {
  if (missing === undefined) hotshelf = await startHotshelf()
}, 120_000)

afterAll(async () => {
  if (missing === undefined) await dispose(hotshelf)
})

const group = { ReplicationGroupId: 'from-python' }
const member = { CacheClusterId: 'from-python-001' }

describe.skipIf(missing !== undefined)('a replication group through boto3 (needs python3 with boto3)', () => {
  it('is created, and the waiters for groups and clusters see it become available', async () => {
    const [created, ...waited] = await outcomes([
      {
        call: 'create_replication_group',
        with: {
          ...group,
          ReplicationGroupDescription: 'made by boto3',
          Engine: 'valkey',
          CacheNodeType: 'cache.t4g.micro',
          NumCacheClusters: 2,
          AutomaticFailoverEnabled: true,
          PreferredMaintenanceWindow: 'Sun:05:00-Sun:06:00',
          Tags: [{ Key: 'team', Value: 'data' }],
        },
      },
      { wait: 'replication_group_available', with: group },
      { wait: 'cache_cluster_available', with: member },
    ])
    expect(answered<CreateReplicationGroupResult>(created).ReplicationGroup).toMatchObject({
      Status: 'creating',
      Engine: 'valkey',
    })
    expect(waited).toEqual([{ answer: null }, { answer: null }])
  })

  it('is described with the endpoints of cluster mode disabled, and its members with theirs', async () => {
    const [groups, clusters, tags] = await outcomes([
      { call: 'describe_replication_groups', with: group },
      { call: 'describe_cache_clusters', with: { ...member, ShowCacheNodeInfo: true } },
      {
        call: 'list_tags_for_resource',
        with: { ResourceName: 'arn:aws:elasticache:us-east-1:000000000000:replicationgroup:from-python' },
      },
    ])
    const described = answered<ReplicationGroupMessage>(groups).ReplicationGroups![0]!
    expect(described).toMatchObject({
      Status: 'available',
      AutomaticFailover: 'enabled',
      ClusterEnabled: false,
      MemberClusters: ['from-python-001', 'from-python-002'],
    })
    expect(described).not.toHaveProperty('ConfigurationEndpoint')
    const shard = described.NodeGroups![0]!
    expect(shard).toMatchObject({ PrimaryEndpoint: { Port: 6379 }, ReaderEndpoint: { Port: 6379 } })
    expect(shard.NodeGroupMembers!.map(node => node.CurrentRole)).toEqual(['primary', 'replica'])
    expect(answered<CacheClusterMessage>(clusters).CacheClusters![0]).toMatchObject({
      ...member,
      ...group,
      CacheClusterStatus: 'available',
      NumCacheNodes: 1,
      PreferredMaintenanceWindow: 'sun:05:00-sun:06:00',
      CacheNodes: [{ CacheNodeId: '0001', CacheNodeStatus: 'available', ParameterGroupStatus: 'in-sync' }],
    })
    expect(answered<TagListMessage>(tags).TagList).toEqual([{ Key: 'team', Value: 'data' }])
  })

  it('is deleted, and the waiters see it gone', async () => {
    const [deleted, gone, clusterGone, after] = await outcomes([
      { call: 'delete_replication_group', with: group },
      { wait: 'replication_group_deleted', with: group },
      { wait: 'cache_cluster_deleted', with: member },
      { call: 'describe_replication_groups', with: group },
    ])
    expect(answered<CreateReplicationGroupResult>(deleted).ReplicationGroup!.Status).toBe('deleting')
    expect([gone, clusterGone]).toEqual([{ answer: null }, { answer: null }])
    expect(after!.refused).toMatchObject({ exception: 'ReplicationGroupNotFoundFault', status: 404 })
    expect(processesIn(hotshelf.dataDir).filter(found => found.directory.includes('from-python'))).toEqual([])
  })
})

describe.skipIf(missing !== undefined)("boto3's paginators", () => {
  it.each([
    ['describe_cache_parameters', 'Parameters', 'ParameterName', { CacheParameterGroupName: 'default.valkey8' }],
    ['describe_cache_engine_versions', 'CacheEngineVersions', undefined, {}],
    ['describe_cache_parameter_groups', 'CacheParameterGroups', 'CacheParameterGroupName', {}],
  ] as const)('walk %s page by page and lose nothing', async (operation, list, name, args) => {
    const [paged, whole] = await outcomes([
      { pages: operation, with: { ...args, PaginationConfig: { PageSize: 20 } } },
      { pages: operation, with: { ...args, PaginationConfig: { PageSize: 100 } } },
    ])
    const read = (found: Outcome | undefined): readonly (string | undefined)[] =>
      answered<readonly Page[]>(found)
        .flatMap(page => page[list] ?? [])
        .map(item => (name === undefined ? JSON.stringify(item) : item[name]))
    expect(answered<readonly Page[]>(paged).length).toBeGreaterThan(1)
    expect(read(paged)).toEqual(read(whole))
    expect(new Set(read(paged)).size).toBe(read(paged).length)
  })

  it('end at once where there is one page', async () => {
    const found = await outcomes([{ pages: 'describe_replication_groups' }, { pages: 'describe_events' }])
    expect(found.map(outcome => answered<readonly Page[]>(outcome).length)).toEqual([1, 1])
  })
})

describe.skipIf(missing !== undefined)('refusals arrive as the exceptions that boto3 has for them', () => {
  const wish = {
    ReplicationGroupId: 'refused',
    ReplicationGroupDescription: 'never made',
    Engine: 'valkey',
    CacheNodeType: 'cache.t4g.micro',
  }
  const create = (more: Readonly<Record<string, unknown>>): Call => ({
    call: 'create_replication_group',
    with: { ...wish, ...more },
  })
  const arn = (type: string) => `arn:aws:elasticache:us-east-1:000000000000:${type}:nope`

  const refusals: readonly (readonly [what: string, call: Call, refusal: Partial<Refusal>])[] = [
    [
      'a group that is not there',
      { call: 'modify_replication_group', with: { ReplicationGroupId: 'nope' } },
      { exception: 'ReplicationGroupNotFoundFault', code: 'ReplicationGroupNotFoundFault', status: 404 },
    ],
    [
      'a cluster that is not there',
      { call: 'describe_cache_clusters', with: { CacheClusterId: 'nope' } },
      { exception: 'CacheClusterNotFoundFault', code: 'CacheClusterNotFound', status: 404 },
    ],
    [
      'a parameter group that is not there',
      { call: 'describe_cache_parameters', with: { CacheParameterGroupName: 'nope' } },
      { exception: 'CacheParameterGroupNotFoundFault', code: 'CacheParameterGroupNotFound', status: 404 },
    ],
    [
      'a subnet group that is not there, with 400 as on AWS',
      { call: 'describe_cache_subnet_groups', with: { CacheSubnetGroupName: 'nope' } },
      { exception: 'CacheSubnetGroupNotFoundFault', code: 'CacheSubnetGroupNotFoundFault', status: 400 },
    ],
    [
      'a text that is no ARN',
      { call: 'list_tags_for_resource', with: { ResourceName: 'nope' } },
      { exception: 'InvalidARNFault', code: 'InvalidARN', message: 'Input ARN string does not have 7 components.' },
    ],
    [
      'the tags of a group that is not there',
      { call: 'list_tags_for_resource', with: { ResourceName: arn('replicationgroup') } },
      { exception: 'ReplicationGroupNotFoundFault', status: 404 },
    ],
    [
      'an id that breaks the rules',
      create({ ReplicationGroupId: 'two--hyphens' }),
      { exception: 'InvalidParameterValueException', code: 'InvalidParameterValue', status: 400 },
    ],
    [
      'a window shorter than an hour',
      create({ PreferredMaintenanceWindow: 'sun:05:00-sun:05:30' }),
      { exception: 'InvalidParameterValueException', code: 'InvalidParameterValue' },
    ],
    [
      'an AUTH token without TLS',
      create({ AuthToken: 'sixteen-chars-at-least' }),
      { exception: 'InvalidParameterValueException', code: 'InvalidParameterValue' },
    ],
    [
      'failover with nobody to fail over to',
      create({ AutomaticFailoverEnabled: true }),
      {
        exception: 'InvalidParameterCombinationException',
        code: 'InvalidParameterCombination',
        message: 'When using automatic failover, there must be at least 2 cache clusters in the replication group.',
      },
    ],
    [
      'cluster mode without failover',
      create({ NumNodeGroups: 2, AutomaticFailoverEnabled: false }),
      {
        exception: 'InvalidParameterValueException',
        message: 'Redis with cluster mode enabled cannot be created with auto failover turned off.',
      },
    ],
    [
      'more shards than there may be',
      create({ NumNodeGroups: 501, AutomaticFailoverEnabled: true }),
      {
        exception: 'NodeGroupsPerReplicationGroupQuotaExceededFault',
        code: 'NodeGroupsPerReplicationGroupQuotaExceeded',
        status: 400,
      },
    ],
    [
      'a parameter group of another family',
      create({ CacheParameterGroupName: 'default.redis7' }),
      {
        exception: 'InvalidParameterCombinationException',
        message: 'Expected a parameter group of family valkey8 but found one of family redis7',
      },
    ],
    [
      'more tags than there may be',
      create({ Tags: Array.from({ length: 51 }, (_, i) => ({ Key: `k${i}`, Value: '' })) }),
      { exception: 'TagQuotaPerResourceExceeded', code: 'TagQuotaPerResourceExceeded' },
    ],
    [
      'a page too small',
      { call: 'describe_replication_groups', with: { MaxRecords: 19 } },
      { exception: 'InvalidParameterValueException', code: 'InvalidParameterValue' },
    ],
    [
      'a number that is none',
      create({ Port: 'six' }),
      { exception: 'ClientError', code: 'MalformedInput', status: 400 },
    ],
    [
      'an operation that is not built',
      { call: 'describe_reserved_cache_nodes_offerings' },
      { exception: 'ClientError', code: 'InvalidAction', status: 400 },
    ],
  ]

  let found: readonly Outcome[]
  beforeAll(async () => {
    found = await outcomes([...refusals.map(([, call]) => call), { call: 'describe_replication_groups' }])
  })

  it.each(refusals.map(([what, , refusal], position) => ({ what, refusal, position })))(
    '$what',
    ({ refusal, position }) => expect(found[position]!.refused).toMatchObject(refusal),
  )

  it('and left nothing behind', () => {
    expect(answered<ReplicationGroupMessage>(found.at(-1)).ReplicationGroups).toEqual([])
  })
})
