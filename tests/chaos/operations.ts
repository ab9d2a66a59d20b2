/** What a customer asks of a group while everything around it breaks. Data: a line each, with what it changes. */
import {
  CreateReplicationGroupCommand,
  DecreaseReplicaCountCommand,
  DeleteReplicationGroupCommand,
  IncreaseReplicaCountCommand,
  ModifyCacheParameterGroupCommand,
  ModifyReplicationGroupCommand,
  ModifyReplicationGroupShardConfigurationCommand,
  TestFailoverCommand,
} from '@aws-sdk/client-elasticache'
import type { Shape, World } from './group.ts'

export interface Asking {
  readonly world: World
  readonly id: string
  readonly shape: Shape
  /** Grows with every operation of an episode, so that a value asked for again is another one. */
  readonly turn: number
}

export interface Operation {
  readonly name: string
  /** Another shape of the group when it is done; undefined where it makes no sense for this one. */
  after(shape: Shape): Shape | undefined
  ask(asking: Asking): Promise<unknown>
}

const same = (shape: Shape): Shape => shape
export const parameterGroupOf = (id: string): string => `${id}-parameters`

export const create: Operation = {
  name: 'create',
  after: same,
  ask: ({ world, id, shape }) =>
    world.elasticache.send(
      new CreateReplicationGroupCommand({
        ReplicationGroupId: id,
        ReplicationGroupDescription: 'chaos',
        Engine: shape.engine,
        CacheNodeType: 'cache.t4g.micro',
        CacheParameterGroupName: parameterGroupOf(id),
        AutomaticFailoverEnabled: shape.replicas > 0 || shape.clusterMode,
        ...(shape.durability ? { Durability: shape.durability } : {}),
        ...(shape.clusterMode
          ? { NumNodeGroups: shape.shards, ReplicasPerNodeGroup: shape.replicas }
          : { NumCacheClusters: shape.replicas + 1 }),
      }),
    ),
}

export const remove: Operation = {
  name: 'delete',
  after: same,
  ask: ({ world, id }) => world.elasticache.send(new DeleteReplicationGroupCommand({ ReplicationGroupId: id })),
}

const modify = ({ world, id }: Asking, change: object) =>
  world.elasticache.send(
    new ModifyReplicationGroupCommand({ ReplicationGroupId: id, ApplyImmediately: true, ...change }),
  )

const setParameter = ({ world, id }: Asking, ParameterName: string, ParameterValue: string) =>
  world.elasticache.send(
    new ModifyCacheParameterGroupCommand({
      CacheParameterGroupName: parameterGroupOf(id),
      ParameterNameValues: [{ ParameterName, ParameterValue }],
    }),
  )

const reshape = ({ world, id, shape }: Asking, NodeGroupCount: number) =>
  world.elasticache.send(
    new ModifyReplicationGroupShardConfigurationCommand({
      ReplicationGroupId: id,
      NodeGroupCount,
      ApplyImmediately: true,
      ...(NodeGroupCount < shape.shards ? { NodeGroupsToRemove: [String(shape.shards).padStart(4, '0')] } : {}),
    }),
  )

const replicas = (
  Command: typeof IncreaseReplicaCountCommand | typeof DecreaseReplicaCountCommand,
  by: number,
): Pick<Operation, 'ask'> => ({
  ask: ({ world, id, shape }) =>
    world.elasticache.send(
      new Command({
        ReplicationGroupId: id,
        NewReplicaCount: shape.replicas + by,
        ApplyImmediately: true,
      }) as IncreaseReplicaCountCommand,
    ),
})

/** In the life of a group: everything between its creation and its end. */
export const operations: readonly Operation[] = [
  { name: 'nothing', after: same, ask: async () => undefined },
  {
    name: 'failover',
    after: shape => (shape.replicas > 0 ? shape : undefined),
    ask: ({ world, id }) =>
      world.elasticache.send(new TestFailoverCommand({ ReplicationGroupId: id, NodeGroupId: '0001' })),
  },
  {
    name: 'more replicas',
    after: shape => (shape.replicas < 3 ? { ...shape, replicas: shape.replicas + 1 } : undefined),
    ...replicas(IncreaseReplicaCountCommand, 1),
  },
  {
    name: 'fewer replicas',
    after: shape => (shape.replicas > 1 ? { ...shape, replicas: shape.replicas - 1 } : undefined),
    ...replicas(DecreaseReplicaCountCommand, -1),
  },
  {
    name: 'scale out',
    after: shape => (shape.clusterMode && shape.shards < 4 ? { ...shape, shards: shape.shards + 1 } : undefined),
    ask: asking => reshape(asking, asking.shape.shards + 1),
  },
  {
    name: 'scale in',
    after: shape => (shape.clusterMode && shape.shards > 2 ? { ...shape, shards: shape.shards - 1 } : undefined),
    ask: asking => reshape(asking, asking.shape.shards - 1),
  },
  {
    name: 'node type',
    after: same,
    ask: asking => modify(asking, { CacheNodeType: `cache.t4g.${['small', 'medium'][asking.turn % 2]}` }),
  },
  {
    name: 'live parameter',
    after: same,
    ask: asking => setParameter(asking, 'maxmemory-policy', ['allkeys-lru', 'noeviction'][asking.turn % 2]!),
  },
  {
    name: 'engine',
    after: shape => (shape.engine === 'redis' ? { ...shape, engine: 'valkey' } : undefined),
    ask: asking =>
      modify(asking, {
        Engine: 'valkey',
        EngineVersion: '8.0',
        CacheParameterGroupName: `default.valkey8${asking.shape.clusterMode ? '.cluster.on' : ''}`,
      }),
  },
]

/**
 * The reason, when an operation is honestly answered as not there yet, or refused because a customer may not do it that often
 * (AWS: fifteen failover tests within 24 hours); undefined for every other error.
 */
export function declined(error: unknown): string | undefined {
  const { name, message } = error as Error
  if (name === 'APICallRateForCustomerExceededFault') return `${name}: ${message}`
  return name === 'InvalidAction' || /not built/.test(message) ? message : undefined
}
