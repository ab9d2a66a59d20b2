/** `hotshelf failover <id> [shard]`: ends a primary as a failure would (TestFailover), and watches until all is well again. */
import type { GroupReport } from '@hotshelf/server'
import { chosenGroup } from '../chosen-groups.ts'
import { failZone } from '../fail-zone.ts'
import { Failed, usage } from '../failed.ts'
import { askingServer, type AddCommand, remote, type RemoteOptions } from './command.ts'
import { positive } from './reshard.ts'

interface FailoverOptions extends RemoteOptions {
  readonly timeout: number
  readonly failAz?: string
}

export const failoverCommand: AddCommand = program => {
  askingServer(program.command('failover'))
    .description('end the primary of a shard as a failure would, and watch a replica take over')
    .argument('[id]', 'a replication group with automatic failover; with --fail-az, all groups where none is named')
    .argument('[shard]', 'such as 0001; needed where there are several')
    .option('--timeout <seconds>', 'stop watching after this long; the work goes on', positive, 300)
    .option(
      '--fail-az <az>',
      'instead: kill every node in this availability zone, such as us-east-1a, as an outage would',
    )
    .action(async (id: string | undefined, named: string | undefined, options: FailoverOptions) => {
      const { server, output } = remote(options)
      const { failAz: zone, timeout: timeoutSeconds } = options
      if (zone !== undefined) return failZone({ server, output }, { zone, id, timeoutSeconds })
      if (id === undefined) throw usage('Which group?', 'hotshelf failover <id>, or --fail-az <az> for a whole zone')
      const group = await chosenGroup(server, id)
      const shard = shardOf(group, named)
      const from = primaryOf(group, shard)
      const client = await server.elasticache(group.region)
      const ask = async () => {
        const { TestFailoverCommand } = await import('@aws-sdk/client-elasticache')
        try {
          await client.send(new TestFailoverCommand({ ReplicationGroupId: group.id, NodeGroupId: shard }))
        } catch (error) {
          throw advised(error, group)
        }
      }
      try {
        const { followWork } = await import('../follow-work.ts')
        const what = `The failover of ${group.id}, shard ${shard},`
        const isDone = (now: GroupReport) => now.status === 'available' && primaryOf(now, shard) !== from
        const done = await followWork({ server, output, group, ask, isDone, what, timeoutSeconds })
        const to = primaryOf(done.group, shard)
        const { seconds, events } = done
        output.say(
          output.json
            ? JSON.stringify({ id: group.id, shard, from, to, seconds, events })
            : `${to} is the primary of shard ${shard} now, after ${from}; all nodes serve again after ${seconds.toFixed(1)} s`,
        )
      } finally {
        client.destroy()
      }
    })
}

function shardOf(group: GroupReport, named: string | undefined): string {
  const there = group.shards.map(shard => shard.id)
  if (named === undefined && there.length === 1) return there[0] ?? ''
  if (named !== undefined && there.includes(named)) return named
  throw usage(
    named === undefined ? `${group.id} has several shards.` : `${group.id} has no shard "${named}".`,
    `Name one of ${there.join(', ')}: hotshelf failover ${group.id} ${there[0]}`,
  )
}

const primaryOf = (group: GroupReport, shard: string): string | undefined =>
  group.shards.find(one => one.id === shard)?.nodes.find(node => node.role === 'primary')?.id

/** What AWS says is kept; what to do next is added. */
function advised(error: unknown, group: GroupReport): unknown {
  const { name, message } = error as Error
  const advice: Readonly<Record<string, string>> = {
    InvalidReplicationGroupStateFault: `\`hotshelf plan ${group.id}\` says what it is doing. Automatic failover is switched on with \`aws elasticache modify-replication-group --replication-group-id ${group.id} --automatic-failover-enabled --apply-immediately\`.`,
    TestFailoverNotAvailableFault: `\`hotshelf status ${group.id}\` shows its replicas; \`aws elasticache increase-replica-count\` adds some.`,
    APICallRateForCustomerExceededFault:
      'AWS allows a limited number of test failovers in 24 hours, and so does Hotshelf.',
  }
  const todo = advice[name]
  return todo === undefined ? error : new Failed(`${name}: ${message}`, todo)
}
