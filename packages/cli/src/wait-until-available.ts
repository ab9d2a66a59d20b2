/** Waits for a group that is being made, node by node in sight of whoever waits. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ElastiCacheClient, ReplicationGroup } from '@aws-sdk/client-elasticache'
import { Listr } from 'listr2'
import type { Server } from './api.ts'
import { Failed } from './failed.ts'
import { onTerminal, type Output } from './output.ts'
import { describeGroup } from './target.ts'

export interface Waiting {
  readonly client: ElastiCacheClient
  readonly server: Server
  readonly id: string
  readonly output: Output
}

/** Resolves at once unless the group is `creating`; throws when it cannot be made. */
export async function waitUntilAvailable(waiting: Waiting): Promise<void> {
  const { client, server, id, output } = waiting
  const group = await describeGroup(client, id)
  if (group.Status !== 'creating') return refuseFailed(group, server)
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
      await refuseFailed(now, server)
      shown.title = `${id} is ${now.Status}`
    },
  }
  await new Listr([task], { renderer: onTerminal() && !output.json ? 'default' : 'silent' }).run()
}

const readyNodes = (group: ReplicationGroup): number =>
  (group.NodeGroups ?? []).flatMap(shard => shard.NodeGroupMembers ?? []).filter(node => node.CurrentRole !== undefined)
    .length

async function refuseFailed({ Status, ARN, ReplicationGroupId }: ReplicationGroup, server: Server): Promise<void> {
  if (Status !== 'create-failed') return
  const reason = (await server.groups()).find(group => group.arn === ARN)?.failure
  throw new Failed(
    `${ReplicationGroupId} could not be made${reason ? `: ${reason}` : '.'}`,
    'Hotshelf tries again by itself. `hotshelf events` tells the story, `hotshelf plan` the next step.',
  )
}
