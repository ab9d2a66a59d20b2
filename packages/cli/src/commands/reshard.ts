/** `hotshelf reshard <id> <shards>`: more or fewer shards, online, in sight of whoever asked. */
import { InvalidArgumentError } from 'commander'
import { chosenGroup } from '../chosen-groups.ts'
import { Failed } from '../failed.ts'
import { isResharded, reshardRequest } from '../reshard-request.ts'
import { askingServer, type AddCommand, remote, type RemoteOptions } from './command.ts'

interface ReshardOptions extends RemoteOptions {
  readonly remove?: string
  readonly timeout: number
  readonly wait: boolean
}

export const reshardCommand: AddCommand = program => {
  askingServer(program.command('reshard'))
    .description('change the number of shards while clients go on, and show how far it is')
    .argument('<id>', 'a replication group with cluster mode enabled')
    .argument('<shards>', 'how many there should be', positive)
    .option('--remove <shards>', 'which ones leave, as 0003,0004 (default: the last ones)')
    .option('--timeout <seconds>', 'stop watching after this long; the work goes on', positive, 3600)
    .option('--no-wait', 'only ask for it')
    .action(async (id: string, shards: number, options: ReshardOptions) => {
      const { server, output } = remote(options)
      const group = await chosenGroup(server, id)
      const remove = (options.remove ?? '').split(',').filter(shard => shard !== '')
      const request = reshardRequest(group, { shards, remove })
      const client = await server.elasticache(group.region)
      const ask = async () => {
        const { ModifyReplicationGroupShardConfigurationCommand } = await import('@aws-sdk/client-elasticache')
        try {
          await client.send(new ModifyReplicationGroupShardConfigurationCommand(request))
        } catch (error) {
          if ((error as Error).name !== 'InvalidAction') throw error
          throw new Failed(
            'This server does not change the number of shards yet.',
            'docs/coverage.md lists what it does.',
          )
        }
      }
      try {
        const what = `Resharding ${group.id} from ${group.shards.length} to ${shards} shards`
        if (!output.json)
          output.say(`${what}${request.NodeGroupsToRemove ? `, without ${request.NodeGroupsToRemove.join(', ')}` : ''}`)
        if (!options.wait) {
          await ask()
          return output.say(output.json ? JSON.stringify(request) : `Watch it: hotshelf status ${group.id} --watch`)
        }
        const { followWork } = await import('../follow-work.ts')
        const isDone = (now: typeof group) => isResharded(now, shards)
        const done = await followWork({ server, output, group, ask, isDone, what, timeoutSeconds: options.timeout })
        const { seconds, events } = done
        const slots = done.group.shards.map(shard => ({ shard: shard.id, slots: shard.slots }))
        output.say(
          output.json
            ? JSON.stringify({ id: group.id, shards: slots, seconds, events })
            : `Done in ${seconds.toFixed(1)} s: ${slots.map(one => `${one.shard} has ${one.slots}`).join('; ')}`,
        )
      } finally {
        client.destroy()
      }
    })
}

export function positive(text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 1) return number
  throw new InvalidArgumentError('It should be a whole number, 1 or more.')
}
