/** What must hold once a group says `available` again. Each answers in sentences; none of them means all is well. */
import type { ReplicationGroup } from '@aws-sdk/client-elasticache'
import { execFileSync } from 'node:child_process'
import { shardOf } from './faults.ts'
import type { Shape, World } from './group.ts'
import { askOnce } from './wire.ts'

const patienceMs = 2000

export const endpointsOf = (group: ReplicationGroup): readonly string[] =>
  [
    group.ConfigurationEndpoint,
    ...(group.NodeGroups ?? []).flatMap(shard => [shard.PrimaryEndpoint, shard.ReaderEndpoint]),
  ]
    .filter(endpoint => endpoint !== undefined)
    .map(endpoint => `${endpoint.Address}:${endpoint.Port}`)

/** The group is what was asked for: so many nodes, and no process more. */
export async function wrongNodes(world: World, id: string, shape: Shape): Promise<readonly string[]> {
  const wanted = shape.shards * (shape.replicas + 1)
  const members = await world.members(id)
  const running = world.processes(id)
  const wrong: string[] = []
  if (members.size !== wanted) wrong.push(`${members.size} members instead of ${wanted}`)
  const names = running.map(found => found.node).toSorted()
  if (names.join(' ') !== [...members.keys()].toSorted().join(' ')) {
    wrong.push(`processes ${names.join(' ')} instead of the members ${[...members.keys()].toSorted().join(' ')}`)
  }
  return wrong
}

/** In every shard one primary, and every other node its replica with the link up, by their own words. */
export async function wrongRoles(world: World, id: string): Promise<readonly string[]> {
  const members = await world.members(id)
  const shards = new Map<string, string[]>()
  for (const [node, at] of members) {
    const info = (await askOnce(at, patienceMs, 'INFO', 'replication')) ?? 'silent'
    const role = info.includes('role:master')
      ? 'primary'
      : info.includes('master_link_status:up')
        ? 'replica'
        : 'neither'
    const known = shards.get(shardOf(node)) ?? []
    shards.set(shardOf(node), [...known, role])
  }
  return [...shards].flatMap(([shard, roles]) => {
    const primaries = roles.filter(role => role === 'primary').length
    return primaries === 1 && !roles.includes('neither') ? [] : [`shard ${shard} has roles ${roles.join(', ')}`]
  })
}

/** Every node knows every other and nobody else, no slot is open, and all slots have an owner. */
export async function wrongCluster(world: World, id: string): Promise<readonly string[]> {
  const members = await world.members(id)
  const wrong: string[] = []
  for (const [node, at] of members) {
    const lines = ((await askOnce(at, patienceMs, 'CLUSTER', 'NODES')) ?? '').trim().split('\n')
    const state = (await askOnce(at, patienceMs, 'CLUSTER', 'INFO')) ?? 'silent'
    if (lines.length !== members.size) wrong.push(`${node} knows ${lines.length} nodes instead of ${members.size}`)
    const ghosts = lines.filter(line =>
      /handshake|noaddr|fail/.test((line.split(' ')[2] ?? '').replaceAll('nofailover', '')),
    )
    if (ghosts.length > 0) wrong.push(`${node} remembers ${ghosts.join(' / ')}`)
    const open = lines.filter(line => line.includes(' ['))
    if (open.length > 0) wrong.push(`${node} has open slots: ${open.join(' / ')}`)
    if (!state.includes('cluster_state:ok')) wrong.push(`${node} does not see the cluster as up`)
    if (!state.includes('cluster_slots_assigned:16384')) wrong.push(`${node} misses slots`)
  }
  return wrong
}

/** After a delete: no process and no file. */
export function leftBehind(world: World, id: string): readonly string[] {
  const files = execFileSync('find', [world.dataDir, '-path', `*/${id}*`])
    .toString()
    .trim()
  return [
    ...world.processes(id).map(({ node, pid }) => `${node} still runs as ${pid}`),
    ...(files === '' ? [] : [`files are left: ${files.split('\n').slice(0, 5).join(' ')}`]),
  ]
}
