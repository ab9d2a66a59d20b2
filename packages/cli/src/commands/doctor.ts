/**
 * `hotshelf doctor`: looks at everything that a server here would need and says what to do about what is missing.
 * With a group's id it looks at what the group holds and how it is used instead.
 */
import { InvalidArgumentError } from 'commander'
import { Listr } from 'listr2'
import { CannotStart, readConfig } from '@hotshelf/server/settings'
import { type Check, checks } from '../doctor/checks.ts'
import type { Finding } from '../doctor/finding.ts'
import { Failed } from '../failed.ts'
import { onTerminal, openOutput, paintStatus, table } from '../output.ts'
import { askingServer, type AddCommand, remote, type RemoteOptions } from './command.ts'

interface DoctorOptions extends RemoteOptions {
  readonly sample?: number
  readonly maxSeconds: number
  readonly region?: string
}

export const doctorCommand: AddCommand = (program, finished) => {
  askingServer(program.command('doctor'))
    .description('check what a server needs here, or how a group uses its memory, and say what to do')
    .argument('[id]', 'a replication group: big keys, keys without TTL, hot keys, encodings, eviction, slow commands')
    .option(
      '--sample <keys>',
      'keys to look at in each shard, or `all` (default: 10000, fewer with many shards)',
      sample,
    )
    .option('--max-seconds <seconds>', 'stop looking at keys after this long', seconds, 60)
    .option('--region <region>', "of the group; default: the server's")
    .action(async (id: string | undefined, options: DoctorOptions) => {
      if (id !== undefined) {
        const { diagnoseGroup } = await import('../diagnose-group.ts')
        finished.code = await diagnoseGroup({ id, options, ...remote(options) })
        return
      }
      const output = openOutput(options.json ?? false)
      const subject = { config: configHere(options), endpointUrl: options.endpointUrl }
      const found: (Finding & { readonly name: string })[] = []
      const look = async (check: Check) => {
        const finding = await check.look(subject)
        found.push({ name: check.name, ...finding })
        return finding
      }
      const tasks = checks.map(check => ({ title: check.name, task: async () => void (await look(check)) }))
      await new Listr(tasks, {
        renderer: onTerminal() && !output.json ? 'default' : 'silent',
        rendererOptions: { clearOutput: true },
      }).run()
      output.say(output.json ? JSON.stringify(found) : report(found))
      finished.code = found.some(finding => finding.state === 'problem') ? 1 : 0
    })
}

function configHere(options: RemoteOptions) {
  try {
    const flags = options.dataDir === undefined ? {} : { dataDir: options.dataDir }
    return readConfig({ flags, environment: process.env }).config
  } catch (error) {
    if (error instanceof CannotStart)
      throw new Failed(error.message, 'Mend the setting, then run `hotshelf doctor` again.')
    throw error
  }
}

function report(found: readonly (Finding & { readonly name: string })[]): string {
  const rows = found.map(({ name, state, found: what }) => [paintStatus(state), name, what])
  const todo = found.flatMap(({ name, todo }) => (todo === undefined ? [] : [`${name}: ${todo}`]))
  const advice = todo.length > 0 ? `\n\nWhat to do\n${todo.map(line => `  ${line}`).join('\n')}` : ''
  return table(['', 'check', 'found'], rows) + advice
}

const sample = (text: string): number => (text === 'all' ? Number.POSITIVE_INFINITY : wholeNumber(text))
const seconds = (text: string): number => wholeNumber(text)

function wholeNumber(text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 1) return number
  throw new InvalidArgumentError('It should be a whole number, 1 or more.')
}
