/**
 * A server in the foreground of this process, from settings to exit code: signals stop it gracefully, a second one at
 * once; an error that nobody caught is logged and ends it, because a half-broken server is worse than none.
 */
import type { HealthReport } from './admin/reports.ts'
import { type Log, openLog } from './log.ts'
import { type ConfigSources, readConfig } from './read-config.ts'
import { type RunningServer, startServer } from './start-server.ts'

/** Resolves with the exit code once the server has stopped. Throws CannotStart. */
export async function runServer(
  sources: ConfigSources,
  onReady: (health: HealthReport, dataDir: string) => void,
): Promise<number> {
  const { config, warnings } = readConfig(sources)
  outliveReaders()
  const log = openLog(config)
  for (const text of warnings) log.warn(text)
  const ending = endOfProcess(log)
  try {
    const server = await startServer(config, log)
    log.info({ endpoint: server.endpoint, dataDir: config.dataDir }, 'listening')
    void tellWhenReady(server, health => onReady(health, config.dataDir), log)
    const { code, reason } = await ending.asked
    log.info({ reason }, 'stopping; nodes go on running')
    await server.stop()
    log.info('stopped')
    return code
  } finally {
    ending.forget()
  }
}

async function tellWhenReady(server: RunningServer, onReady: (health: HealthReport) => void, log: Log): Promise<void> {
  try {
    await server.ready
  } catch (error) {
    return log.error({ err: error }, 'the first look at the groups failed')
  }
  // Somebody may have stopped it meanwhile.
  const health = await server.health()
  if (health.status === 'ready') onReady(health)
}

interface End {
  readonly code: number
  readonly reason: string
}

/**
 * Whoever read what is written here may go: a closed terminal, `hotshelf up | head`. The API is worth more than its log; and to
 * end over it would be to log that too, and so on. For the rest of the process: the last words are said late.
 */
function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr])
    if (!stream.listeners('error').includes(onUnread)) stream.on('error', onUnread)
}

const onUnread = (): void => {}

/** Listens for what ends a process. Asked twice, it goes at once. */
function endOfProcess(log: Log): { readonly asked: Promise<End>; forget(): void } {
  let end: (end: End) => void = () => {}
  const asked = new Promise<End>(resolve => (end = resolve))
  let times = 0
  const onSignal = (signal: NodeJS.Signals): void => {
    times += 1
    if (times > 1) process.exit(130)
    end({ code: 0, reason: signal })
  }
  const onError = (error: unknown): void => {
    log.fatal({ err: error }, 'nobody caught this error: the server goes down')
    times += 1
    end({ code: 1, reason: 'an error' })
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  process.on('uncaughtException', onError)
  process.on('unhandledRejection', onError)
  return {
    asked,
    forget() {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
      process.off('uncaughtException', onError)
      process.off('unhandledRejection', onError)
    },
  }
}
