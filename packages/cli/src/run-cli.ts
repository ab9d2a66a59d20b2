/**
 * One program, one file per command: parses arguments, picks the command, turns what it throws into a message that
 * says what to do next, and answers with the exit code.
 */
import { Command, CommanderError } from 'commander'
import { adviseCommand } from './commands/advise.ts'
import { caCommand } from './commands/ca.ts'
import { connectCommand } from './commands/connect.ts'
import { doctorCommand } from './commands/doctor.ts'
import { envCommand } from './commands/env.ts'
import { eventsCommand } from './commands/events.ts'
import { failoverCommand } from './commands/failover.ts'
import { keyCommand } from './commands/key.ts'
import { planCommand } from './commands/plan.ts'
import { reshardCommand } from './commands/reshard.ts'
import { snapshotCommand } from './commands/snapshot.ts'
import { statusCommand } from './commands/status.ts'
import { upCommand } from './commands/up.ts'
import { Failed } from './failed.ts'
import { paint } from './output.ts'
import { versionHere } from './version.ts'

const commands = [
  upCommand,
  statusCommand,
  planCommand,
  eventsCommand,
  connectCommand,
  failoverCommand,
  reshardCommand,
  snapshotCommand,
  doctorCommand,
  adviseCommand,
  envCommand,
  caCommand,
  keyCommand,
]

/** The exit code; never throws. */
export async function runCli(argv: readonly string[]): Promise<number> {
  // The SDK warns Node 20's users of its own future releases; the one used here is pinned and runs on it.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  const finished: { code: number } = { code: 0 }
  const program = new Command('hotshelf')
    .description('Amazon ElastiCache on your own machines.')
    .version(versionHere())
    .showSuggestionAfterError()
    .showHelpAfterError('(hotshelf --help shows what there is)')
    .exitOverride()
  for (const add of commands) add(program, finished)
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return finished.code
  } catch (error) {
    return tell(error, argv.includes('--json'))
  }
}

function tell(error: unknown, json: boolean): number {
  if (error instanceof CommanderError) {
    // Commander has printed it: help and version end well, a wrong option or command is a wrong question.
    return error.exitCode === 0 ? 0 : 2
  }
  const { message, advice, exitCode } = error instanceof Failed ? error : unexpected(error)
  if (json) process.stderr.write(`${JSON.stringify({ error: message, advice })}\n`)
  else process.stderr.write(`${paint('red', message)}\n${advice ? `${advice}\n` : ''}`)
  return exitCode
}

const unsigned = new Set(['InvalidClientTokenId', 'SignatureDoesNotMatch', 'MissingAuthenticationToken'])
const signIt =
  'This server accepts signed calls only: put a key in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; ' +
  '`hotshelf key create` makes one.'

function unexpected(error: unknown): Failed {
  const known = error instanceof Error ? error : new Error(String(error))
  // A refusal of the AWS API has a name; anything else is ours, and its stack helps whoever mends it.
  if ('$fault' in known) return new Failed(`${known.name}: ${known.message}`, unsigned.has(known.name) ? signIt : '')
  return new Failed(
    known.stack ?? known.message,
    'This should not have happened: please report it with the lines above.',
  )
}
