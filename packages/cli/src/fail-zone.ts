/**
 * Takes an availability zone away, as an outage would: every process of its nodes is killed at once, and what follows is
 * watched. The nodes are this machine's processes, so the command ends them itself and asks the server for nothing.
 */
import type { GroupReport, NodeReport } from '@hotshelf/server'
import { chosenGroups } from './chosen-groups.ts'
import { Failed } from './failed.ts'
import { followWork } from './follow-work.ts'
import type { Remote } from './commands/command.ts'

type Running = NodeReport & { readonly pid: number }

const nodesIn = (group: GroupReport, zone: string): readonly Running[] =>
  group.shards
    .flatMap(shard => shard.nodes)
    .filter((node): node is Running => node.availabilityZone === zone && node.pid !== undefined)

export async function failZone(
  { server, output }: Remote,
  {
    zone,
    id,
    timeoutSeconds,
  }: { readonly zone: string; readonly id: string | undefined; readonly timeoutSeconds: number },
): Promise<void> {
  const groups = await chosenGroups(server, id)
  const hit = groups.filter(group => nodesIn(group, zone).length > 0)
  if (hit.length === 0) throw nobodyThere(groups, zone)
  const killed = hit.flatMap(group => nodesIn(group, zone))
  const seconds: Record<string, number> = {}
  let ended = false
  for (const group of hit) {
    const before = new Map(nodesIn(group, zone).map(node => [node.id, node.pid]))
    const ask = async (): Promise<void> => {
      if (ended) return
      ended = true
      for (const node of killed) end(node)
      if (!output.json) output.say(`Killed in ${zone}: ${killed.map(node => node.id).join(', ')}`)
    }
    const isDone = (now: GroupReport): boolean =>
      now.status === 'available' &&
      now.shards.flatMap(shard => shard.nodes).every(node => node.pid !== undefined && before.get(node.id) !== node.pid)
    const what = `The recovery of ${group.id} from the loss of ${zone}`
    const done = await followWork({ server, output, group, ask, isDone, what, timeoutSeconds })
    seconds[group.id] = done.seconds
    if (!output.json)
      output.say(
        `${group.id} has all its nodes again, in sync, after ${done.seconds.toFixed(1)} s; its endpoints stayed`,
      )
  }
  if (output.json) output.say(JSON.stringify({ zone, killed: killed.map(node => node.id), seconds }))
}

function end(node: Running): void {
  try {
    process.kill(node.pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return
    throw new Failed(
      `${node.id} (process ${node.pid}) cannot be killed: ${(error as Error).message}.`,
      'Run the command on the machine of the server, as the user who runs it.',
    )
  }
}

function nobodyThere(groups: readonly GroupReport[], zone: string): Failed {
  const zones = groups.flatMap(group => group.shards.flatMap(shard => shard.nodes.map(node => node.availabilityZone)))
  const there = [...new Set(zones)].toSorted().join(', ')
  return new Failed(
    `No node runs in ${zone}.`,
    there ? `There are nodes in: ${there}.` : 'There is no replication group yet.',
  )
}
