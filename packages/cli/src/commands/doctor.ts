/** `hotshelf doctor`: looks at everything that a server here would need and says what to do about what is missing. */
import { Listr } from 'listr2'
import { CannotStart, readConfig } from '@hotshelf/server/settings'
import { type Check, checks } from '../doctor/checks.ts'
import type { Finding } from '../doctor/finding.ts'
import { Failed } from '../failed.ts'
import { onTerminal, openOutput, paintStatus, table } from '../output.ts'
import { askingServer, type AddCommand, type RemoteOptions } from './command.ts'

export const doctorCommand: AddCommand = (program, finished) => {
  askingServer(program.command('doctor'))
    .description('check what a server needs here, and say what to do')
    .action(async (options: RemoteOptions) => {
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
