/** `hotshelf advise`: which cache to take, why, what it costs and whether it pays. Asks in a terminal; flags answer ahead. */
import { createInterface } from 'node:readline'
import { InvalidArgumentError, Option } from 'commander'
import { advise } from '../advise/advise.ts'
import { readId, readPercent, readSize, readUsd } from '../advise/answers.ts'
import { defaultNeeds, type Needs } from '../advise/needs.ts'
import { interview } from '../advise/questions.ts'
import { renderAdvice } from '../advise/render.ts'
import { Failed, usage } from '../failed.ts'
import { openOutput } from '../output.ts'
import type { AddCommand } from './command.ts'

interface AdviseOptions extends Partial<Omit<Needs, 'dataBytes'>> {
  readonly data?: number
  readonly defaults?: boolean
  readonly json?: boolean
}

export const adviseCommand: AddCommand = program => {
  program
    .command('advise')
    .description('say which engine, mode, node type and eviction policy to take, with cost, break-even and commands')
    .option('--structures', 'data structures beyond strings')
    .option('--no-structures')
    .addOption(new Option('--use <use>', 'what is in it').choices(['cache', 'sessions', 'mixed', 'no-loss']))
    .option('--persistence', 'it must survive a restart')
    .option('--no-persistence')
    .option('--failover', 'a replica must take over when a node is lost')
    .option('--no-failover')
    .addOption(new Option('--popularity <which>', 'keys worth keeping').choices(['recent', 'frequent']))
    .option('--data <size>', 'how much, keys included: 500MB, 10GB', reading(readSize, 'such as 500MB or 10GB'))
    .option('--grows', 'the data or its writes will outgrow one node')
    .option('--no-grows')
    .addOption(new Option('--environment <which>', 'what it is for').choices(['development', 'production']))
    .option('--hit-rate <percent>', 'reads that the cache will answer', reading(readPercent, '0 to 100'))
    .option('--read-share <percent>', "reads in the database's load; default 80", reading(readPercent, '0 to 100'))
    .option('--database-usd <dollars>', 'what the database costs a month', reading(readUsd, 'such as 500'))
    .addOption(new Option('--engine <engine>', 'where it is one of the two').choices(['redis', 'valkey']))
    .option(
      '--id <id>',
      'of what the commands create',
      reading(readId, 'letters, digits and single hyphens, at most 39'),
    )
    .option('--defaults', 'ask nothing: what no flag says is as an empty answer')
    .option('--json', 'answer in JSON; asks nothing')
    .action(async ({ data, defaults, json, ...flags }: AdviseOptions) => {
      const output = openOutput(json ?? false)
      const given = { ...flags, ...(data !== undefined && { dataBytes: data }) }
      const asks = !output.json && !defaults && process.stdin.isTTY
      const advice = advise(asks ? await inTerminal(given) : { ...defaultNeeds, ...given })
      output.say(output.json ? JSON.stringify(advice) : renderAdvice(advice))
      if (!output.json && !asks && !defaults) output.note('What no flag said was taken as an empty answer would be.')
    })
}

async function inTerminal(given: Partial<Needs>): Promise<Needs> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const left = new Promise<never>((_resolve, reject) => {
    terminal.once('SIGINT', () => reject(new Failed('', '', 130)))
    terminal.once('close', () => reject(usage('The interview ended early.', '--defaults asks nothing.')))
  })
  // Nobody may be waiting when it is closed.
  left.catch(() => {})
  try {
    const ask = (text: string) => new Promise<string>(resolve => terminal.question(text, resolve))
    return await interview(given, question => Promise.race([ask(question), left]))
  } finally {
    terminal.close()
  }
}

const reading =
  <T>(read: (text: string) => T | undefined, how: string) =>
  (text: string): T => {
    const value = read(text)
    if (value === undefined) throw new InvalidArgumentError(`It should be ${how}.`)
    return value
  }
