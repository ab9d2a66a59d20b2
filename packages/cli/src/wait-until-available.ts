/** Waits for a group that is being made, node by node in sight of whoever waits. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ElastiCacheClient, ReplicationGroup } from '@aws-sdk/client-elasticache'
import { Listr } from 'listr2'
import { Failed } from './failed.ts'
import { onTerminal, type Output } from './output.ts'
import { describeGroup } from './target.ts'

/** Resolves at once unless the group is `creating`; throws when it cannot be made. */
export async function waitUntilAvailable(client: ElastiCacheClient, id: string, output: Output): Promise<void> {
  const group = await describeGroup(client, id)
  if (group.Status !== 'creating') return refuseFailed(group)
  const members = group.MemberClusters ?? []
  if (!onTerminal() || output.json) output.note(`${id} is being made; waiting until it is available.`)
  const task = {
    title: `${id} is being made`,
    task: async (_: unknown, shown: { title: string; output?: string }) => {
      let now = group
      while (now.Status === 'creating') {
        await sleep(250)
        now = await describeGroup(client, id)
        shown.output = `${readyNodes(now)} of ${members.length} nodes serve`
      }
      refuseFailed(now)
      shown.title = `${id} is ${now.Status}`
    },
  }
  await new Listr([task], { renderer: onTerminal() && !output.json ? 'default' : 'silent' }).run()
}

const readyNodes = (group: ReplicationGroup): number =>
  (group.NodeGroups ?? []).flatMap(shard => shard.NodeGroupMembers ?? []).filter(node => node.CurrentRole !== undefined)
    .length

function refuseFailed(group: ReplicationGroup): void {
  if (group.Status !== 'create-failed') return
  const id = group.ReplicationGroupId
  throw new Failed(`${id} could not be made.`, `\`hotshelf events ${id}\` says why, and what to do.`)
}
