/** Requests per second through the primary endpoint, beside the same node's bare address. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import {
  CreateReplicationGroupCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache'
import { dispose, eventually, startHotshelf } from '@hotshelf/testkit'
import { median, type Outcome, spread } from './report.ts'

const run = promisify(execFile)
/** Short and many: a machine's speed drifts from second to second, so each pair stands for itself. */
const rounds = 21

async function load(host: string, port: number, pipeline: number): Promise<number> {
  const requests = pipeline === 1 ? 40_000 : 400_000
  const flags = [
    '-h',
    host,
    '-p',
    String(port),
    '-t',
    'get',
    '-c',
    '50',
    '-n',
    String(requests),
    '-P',
    String(pipeline),
    '-d',
    '64',
    '--csv',
  ]
  const { stdout } = await run('valkey-benchmark', flags)
  const line = stdout.split('\n').find(text => text.startsWith('"GET"'))
  return Number(line!.split(',')[1]!.replaceAll('"', ''))
}

export async function benchThroughput(): Promise<readonly Outcome[]> {
  const hotshelf = await startHotshelf()
  try {
    const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' }
    const elasticache = new ElastiCacheClient({ endpoint: hotshelf.endpoint, region: 'us-east-1', credentials })
    const group = { ReplicationGroupId: 'bench', ReplicationGroupDescription: 'bench', Engine: 'valkey' }
    await elasticache.send(
      new CreateReplicationGroupCommand({ ...group, CacheNodeType: 'cache.r7g.large', NumCacheClusters: 1 }),
    )
    const answer = await eventually(
      () => elasticache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: 'bench' })),
      found => found.ReplicationGroups?.[0]?.Status === 'available',
    )
    const shard = answer.ReplicationGroups![0]!.NodeGroups![0]!
    const endpoint = shard.PrimaryEndpoint!
    const node = shard.NodeGroupMembers![0]!.ReadEndpoint!
    return [await compare(endpoint, node, 1), await compare(endpoint, node, 16)]
  } finally {
    await dispose(hotshelf)
  }
}

type Endpoint = { Address?: string; Port?: number }

async function compare(endpoint: Endpoint, node: Endpoint, pipeline: number): Promise<Outcome> {
  const through: number[] = []
  const bare: number[] = []
  await load(node.Address!, node.Port!, pipeline)
  for (let round = 0; round < rounds; round++) {
    // Whoever goes first alternates: a drifting machine favours neither.
    const order = round % 2 === 0 ? [endpoint, node] : [node, endpoint]
    for (const at of order) (at === endpoint ? through : bare).push(await load(at.Address!, at.Port!, pipeline))
  }
  return {
    what: `GET of 64 bytes per second, 50 clients, pipeline ${pipeline}`,
    ours: `${spread(through)} through the primary endpoint`,
    peer: `${spread(bare)} at the bare node`,
    ratio: median(through.map((rate, i) => rate / bare[i]!)),
    goal: '≥ 0.98',
    rounds,
  }
}
