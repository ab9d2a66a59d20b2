/** `hotshelf events`: what happened, in AWS's words, and with `--follow` what happens. */
import { InvalidArgumentError } from 'commander'
import type { EventReport } from '@hotshelf/server'
import { paint } from '../output.ts'
import { askingServer, type AddCommand, remote, type RemoteOptions } from './command.ts'

interface EventsOptions extends RemoteOptions {
  readonly follow?: boolean
  readonly last: number
}

export const eventsCommand: AddCommand = program => {
  askingServer(program.command('events'))
    .description('show what happened, oldest first')
    .argument('[id]', 'only this group, node or other resource, and the nodes of a group')
    .option('-f, --follow', 'stay and show what happens')
    .option('-n, --last <count>', 'how many of the past', count, 50)
    .action(async (id: string | undefined, options: EventsOptions) => {
      const { server, output } = remote(options)
      const over = new AbortController()
      process.once('SIGINT', () => over.abort())
      const asked = { follow: options.follow ?? false, last: options.last, source: id, signal: over.signal }
      for await (const event of server.events(asked)) {
        output.say(output.json ? JSON.stringify(event) : line(event))
      }
    })
}

function line(event: EventReport): string {
  const at = new Date(event.at)
  const clock = `${at.toLocaleDateString('sv-SE')} ${at.toLocaleTimeString('sv-SE')}`
  return `${paint('dim', clock)}  ${paint('bold', event.sourceId)}  ${event.message}`
}

function count(text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 0) return number
  throw new InvalidArgumentError('It should be a whole number, 0 or more.')
}
