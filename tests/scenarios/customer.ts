/** What a customer of one server does in a scenario: ask for a group, wait until it serves, and, as fate, know its processes. */
import {
  CreateReplicationGroupCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  type ReplicationGroup,
} from '@aws-sdk/client-elasticache'
import { eventually, type Hotshelf, processesIn } from '@hotshelf/testkit'

export interface Customer {
  readonly elasticache: ElastiCacheClient
  group(id: string): Promise<ReplicationGroup>
  /** Resolves once the group serves again, or for the first time. */
  available(id: string): Promise<ReplicationGroup>
  /** A Valkey group of the smallest nodes, unless `shape` says otherwise. */
  create(id: string, shape: object): Promise<ReplicationGroup>
  /** The process of a node that runs. */
  pidOf(node: string): number
}

export function customerOf(hotshelf: Hotshelf): Customer {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const elasticache = new ElastiCacheClient({ endpoint: hotshelf.endpoint, region: 'us-east-1', credentials })
  const group = async (id: string): Promise<ReplicationGroup> =>
    (await elasticache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: id }))).ReplicationGroups![0]!
  const available = (id: string): Promise<ReplicationGroup> =>
    eventually(
      () => group(id),
      found => found.Status === 'available',
    )
  return {
    elasticache,
    group,
    available,
    async create(id, shape) {
      const common = { ReplicationGroupId: id, ReplicationGroupDescription: id, CacheNodeType: 'cache.t4g.micro' }
      await elasticache.send(new CreateReplicationGroupCommand({ ...common, Engine: 'valkey', ...shape }))
      return available(id)
    },
    pidOf: node => processesIn(hotshelf.dataDir).find(found => found.directory.endsWith(`/${node}`))!.pid,
  }
}
