/** Create-to-available of three shards of three nodes with TLS, beside the same nine processes formed by hand. */
import {
  CreateReplicationGroupCommand,
  DeleteReplicationGroupCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache'
import { dispose, startHotshelf } from '@hotshelf/testkit'
import { formByHand } from './by-hand.ts'
import { median, type Outcome, spread } from './report.ts'

const rounds = 7
const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

async function createAndDelete(elasticache: ElastiCacheClient, id: string): Promise<number> {
  const began = performance.now()
  await elasticache.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: id,
      ReplicationGroupDescription: 'bench',
      Engine: 'valkey',
      CacheNodeType: 'cache.t4g.micro',
      NumNodeGroups: 3,
      ReplicasPerNodeGroup: 2,
      AutomaticFailoverEnabled: true,
      TransitEncryptionEnabled: true,
    }),
  )
  const describe = new DescribeReplicationGroupsCommand({ ReplicationGroupId: id })
  while ((await elasticache.send(describe)).ReplicationGroups?.[0]?.Status !== 'available') await pause(10)
  const took = performance.now() - began
  await elasticache.send(new DeleteReplicationGroupCommand({ ReplicationGroupId: id }))
  while ((await elasticache.send(new DescribeReplicationGroupsCommand({}))).ReplicationGroups?.length) await pause(20)
  return took
}

export async function benchCreate(): Promise<readonly Outcome[]> {
  const hotshelf = await startHotshelf()
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' }
  const elasticache = new ElastiCacheClient({ endpoint: hotshelf.endpoint, region: 'us-east-1', credentials })
  const ours: number[] = []
  const hand: number[] = []
  try {
    await createAndDelete(elasticache, 'warm-up')
    for (let round = 0; round < rounds; round++) {
      hand.push(await formByHand(3, 2, { tls: true }))
      ours.push(await createAndDelete(elasticache, `bench-${round}`))
    }
  } finally {
    await dispose(hotshelf)
  }
  return [
    {
      what: 'create to available, 3 shards × 3 nodes, TLS (ms)',
      ours: spread(ours),
      peer: `${spread(hand)} by hand`,
      ratio: median(ours.map((took, i) => took / hand[i]!)),
      goal: '≤ 1.5',
      rounds,
    },
  ]
}
