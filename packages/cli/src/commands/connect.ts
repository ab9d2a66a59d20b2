/**
 * `hotshelf connect <id>`: valkey-cli or redis-cli on the right endpoint, with TLS and AUTH where the group has them.
 * A token is never put on a command line, where every user of the machine could read it: the cli takes it from its
 * environment.
 */
import { askingServer, type AddCommand, remote, type RemoteOptions } from './command.ts'

export interface ConnectOptions extends RemoteOptions {
  readonly reader?: boolean
  readonly node?: string
  readonly region?: string
  readonly wait: boolean
}

export const connectCommand: AddCommand = (program, finished) => {
  askingServer(program.command('connect'))
    .description('open valkey-cli or redis-cli on a group, with TLS and AUTH where it has them')
    .argument('<id>', 'a replication group')
    .argument('[arguments...]', 'handed to the cli, after `--`: hotshelf connect orders -- GET key')
    .option('--reader', 'the reader endpoint instead of the primary one')
    .option('--node <id>', 'one node, such as orders-001')
    .option('--region <region>', "default: the server's")
    .option('--no-wait', 'do not wait for a group that is still being made')
    .addHelpText(
      'after',
      '\nThe AUTH token is asked for, or taken from HOTSHELF_AUTH_TOKEN, VALKEYCLI_AUTH or REDISCLI_AUTH.',
    )
    .action(async (id: string, given: readonly string[], options: ConnectOptions) => {
      // The SDK takes a while to load; commands that do not need it shall not wait for it.
      const { openConnection } = await import('../open-connection.ts')
      finished.code = await openConnection({ id, given, options, ...remote(options) })
    })
}
