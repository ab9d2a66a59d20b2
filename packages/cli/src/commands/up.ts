/** `hotshelf up`: a server here, now, in the foreground, without any set-up. The only command that embeds the server. */
import { CannotStart, type Config, flagOf, type Setting, settings, variableOf } from '@hotshelf/server/settings'
import type { HealthReport } from '@hotshelf/server'
import { Failed } from '../failed.ts'
import { openOutput, paint } from '../output.ts'
import type { AddCommand } from './command.ts'

type UpOptions = Readonly<Partial<Record<keyof Config, string>>> & { readonly config?: string; readonly json?: boolean }

export const upCommand: AddCommand = (program, finished) => {
  const command = program.command('up').description('run a server here; Ctrl-C stops it, its caches go on')
  for (const it of settings) if (!it.testOnly) command.option(`${flagOf(it.name)} ${it.placeholder}`, help(it))
  command
    .option(
      '--config <file>',
      'settings as JSON (default: hotshelf.config.json in the data directory; HOTSHELF_CONFIG)',
    )
    .option('--json', 'say that it is ready in JSON')
    .action(async ({ config, json, ...flags }: UpOptions) => {
      const output = openOutput(json ?? false)
      const { runServer } = await import('@hotshelf/server')
      try {
        finished.code = await runServer({ flags, file: config, environment: process.env }, (health, dataDir) =>
          output.say(json ? JSON.stringify({ ...health, dataDir }) : welcome(health, flags.dataDir)),
        )
      } catch (error) {
        if (error instanceof CannotStart) throw new Failed(error.message, '')
        throw error
      }
    })
}

const help = (it: Setting): string => `${it.meaning} (default: ${it.shown}; ${variableOf(it.name)})`

/** Three commands that work as they stand, also where the server is not where everybody looks first. */
function welcome(health: HealthReport, dataDir: string | undefined): string {
  const where = dataDir === undefined ? '' : ` --data-dir ${quoted(dataDir)}`
  const engines = health.engines.map(engine => `${engine.kind} ${engine.version}`).join(', ')
  return `
${paint('bold', `Hotshelf is ready on ${health.endpoint}`)}  (${engines || 'no cache engine is installed: run `npx hotshelf doctor`'})

Try in another terminal:
  eval "$(npx hotshelf env${where})"
  aws elasticache create-replication-group --replication-group-id first --replication-group-description mine \\
    --engine valkey --cache-node-type cache.t4g.micro --num-cache-clusters 2
  npx hotshelf connect first${where}

Ctrl-C stops the server; caches go on, and the next start takes them over.
`
}

/** As a shell wants it. */
const quoted = (path: string): string => (/^[\w./~-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`)
