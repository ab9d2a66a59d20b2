/** Fifteen shards of six nodes on one machine: made, failed over once, and taken away. */
import { CreateReplicationGroupCommand, DeleteReplicationGroupCommand } from '@aws-sdk/client-elasticache'
import { shardOf } from './faults.ts'
import { World } from './group.ts'
import { leftBehind, wrongCluster, wrongNodes, wrongRoles } from './oracles.ts'
import { askOnce, pause } from './wire.ts'

export interface NinetyNodes {
  readonly createdMs: number
  /** From the kill of a primary until a write to its shard is acknowledged again. */
  readonly failedOverMs: number
  /** From the kill until the group is whole again, the lost node in its place. */
  readonly repairedMs: number
  readonly deletedMs: number
}

const id = 'ninety'
const shape = { name: 'ninety nodes', engine: 'valkey', shards: 15, replicas: 5, clusterMode: true } as const
const boundMs = 300_000

export async function ninetyNodes(): Promise<NinetyNodes> {
  const world = await World.open()
  try {
    await world.startServer()
    let began = performance.now()
    const { shards, replicas } = shape
    await world.elasticache.send(
      new CreateReplicationGroupCommand({
        ReplicationGroupId: id,
        ReplicationGroupDescription: 'ninety nodes',
        Engine: shape.engine,
        CacheNodeType: 'cache.t4g.micro',
        NumNodeGroups: shards,
        ReplicasPerNodeGroup: replicas,
        AutomaticFailoverEnabled: true,
      }),
    )
    if (!(await world.becomes(id, 'available', boundMs))) throw new Error(`not made:\n${world.log(20)}`)
    const createdMs = performance.now() - began
    await expectWhole(world)
    const victim = world.processes(id).find(({ node }) => node === `${id}-0001-001`)!
    const others = [...world.addresses].filter(([node]) => shardOf(node) === '0001' && node !== victim.node)
    began = performance.now()
    process.kill(victim.pid, 'SIGKILL')
    while (!(await anyTakesWrites(others.map(([, at]) => at)))) {
      if (performance.now() - began > boundMs) throw new Error(`no failover:\n${world.log(20)}`)
      await pause(5)
    }
    const failedOverMs = performance.now() - began
    while (world.processes(id).length < 90) await pause(50)
    if (!(await world.becomes(id, 'available', boundMs))) throw new Error(`not repaired:\n${world.log(20)}`)
    const repairedMs = performance.now() - began
    await expectWhole(world)
    began = performance.now()
    await world.elasticache.send(new DeleteReplicationGroupCommand({ ReplicationGroupId: id }))
    if (!(await world.becomes(id, 'gone', boundMs))) throw new Error(`not deleted:\n${world.log(20)}`)
    const deletedMs = performance.now() - began
    const left = leftBehind(world, id)
    if (left.length > 0) throw new Error(left.join('\n'))
    return { createdMs, failedOverMs, repairedMs, deletedMs }
  } finally {
    await world.close()
  }
}

/** `{06S}` is in slot 0, which the first shard owns. A replica answers MOVED. */
async function anyTakesWrites(nodes: readonly { host: string; port: number }[]): Promise<boolean> {
  const answers = await Promise.all(nodes.map(at => askOnce(at, 500, 'SET', '{06S}', '1')))
  return answers.includes('OK')
}

async function expectWhole(world: World): Promise<void> {
  const wrong = [
    ...(await wrongNodes(world, id, shape)),
    ...(await wrongRoles(world, id)),
    ...(await wrongCluster(world, id)),
  ]
  if (wrong.length > 0) throw new Error(wrong.join('\n'))
}
