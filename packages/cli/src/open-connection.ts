/**
 * The work of `hotshelf connect`: finds the endpoint through the AWS API, gets the certificate, asks for the token, and
 * runs the engine's own cli on this terminal.
 */
import { spawn, spawnSync } from 'node:child_process'
import { askForToken } from './ask-for-token.ts'
import { keepAuthorityFile } from './authority-file.ts'
import type { Remote } from './commands/command.ts'
import type { ConnectOptions } from './commands/connect.ts'
import { Failed } from './failed.ts'
import { reachableHost } from './reachable-host.ts'
import { groupTarget, nodeTarget, type Target } from './target.ts'
import { waitUntilAvailable } from './wait-until-available.ts'

export interface Connection extends Remote {
  readonly id: string
  /** For the cli. */
  readonly given: readonly string[]
  readonly options: ConnectOptions
}

/** The cli's exit code. */
export async function openConnection({ id, given, options, server, output }: Connection): Promise<number> {
  const health = await server.health()
  const client = await server.elasticache(options.region ?? health.region)
  try {
    if (options.wait) await waitUntilAvailable({ client, server, id, output })
    const found = options.node
      ? await nodeTarget(client, id, options.node)
      : await groupTarget(client, id, options.reader ? 'reader' : 'primary')
    const target = { ...found, host: await reachableHost(found.host, health.names) }
    const program = cliFor(target.engine)
    const authority = target.tls ? keepAuthorityFile(await server.authorityPem()) : undefined
    const command = [program, ...cliArguments(target, authority?.path), ...given]
    if (output.json) {
      // What is only shown may be run by hand later: the file stays.
      output.say(JSON.stringify({ ...target, command }))
      return 0
    }
    try {
      return await run(command, target.auth ? await askForToken(id) : undefined)
    } finally {
      authority?.remove()
    }
  } finally {
    client.destroy()
  }
}

const cliArguments = (target: Target, authority: string | undefined): readonly string[] => [
  '-h',
  target.host,
  '-p',
  String(target.port),
  ...(target.cluster ? ['-c'] : []),
  ...(authority === undefined ? [] : ['--tls', '--cacert', authority]),
]

/** The engine's own cli; the other one speaks the same language. */
function cliFor(engine: string): string {
  const names = engine === 'redis' ? ['redis-cli', 'valkey-cli'] : ['valkey-cli', 'redis-cli']
  const found = names.find(name => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0)
  if (found) return found
  throw new Failed(
    'Neither valkey-cli nor redis-cli is on PATH.',
    'Install one: valkey-tools or redis-tools (Debian, Ubuntu), valkey (Fedora, brew).',
  )
}

/** Ctrl-C belongs to the cli while it runs. */
async function run([program = '', ...args]: readonly string[], token: string | undefined): Promise<number> {
  const auth = token === undefined ? {} : { REDISCLI_AUTH: token, VALKEYCLI_AUTH: token }
  const deaf = () => undefined
  process.on('SIGINT', deaf)
  try {
    return await new Promise((resolve, reject) => {
      const cli = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...auth } })
      cli.once('error', error => reject(new Failed(`${program}: ${error.message}`, '')))
      cli.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)))
    })
  } finally {
    process.off('SIGINT', deaf)
  }
}
