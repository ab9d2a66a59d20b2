/**
 * Starts a server and stops it again. Order matters: the data directory is held before anything in it is opened, the
 * door is open before control acts, and `ready` comes once every group was looked at. Stopping goes the other way round.
 */
import { readFileSync } from 'node:fs'
import { eventRetentionDays } from '@hotshelf/domain'
import { rdbFormat } from '@hotshelf/engines'
import type { Listening } from '@hotshelf/wire'
import { hasAccessKeys } from './access-keys/access-keys.ts'
import type { HealthReport } from './admin/reports.ts'
import { asCannotStart } from './cannot-start.ts'
import { type Composition, compose } from './compose.ts'
import type { Config } from './config.ts'
import { holdDirectory } from './data-directory.ts'
import { listen } from './listen.ts'
import type { Log } from './log.ts'
import { isLoopback } from './read-config.ts'
import { stopInOrder } from './stop.ts'
import { verifySnapshot } from './verify-snapshot.ts'

export interface RunningServer {
  readonly endpoint: string
  /** Resolves once every group that existed at the start was looked at. */
  readonly ready: Promise<void>
  health(): Promise<HealthReport>
  /** Lets calls and steps under way finish. Nodes go on running. */
  stop(): Promise<void>
}

/** Throws CannotStart for what the person who starts it can mend. */
export async function startServer(config: Config, log: Log): Promise<RunningServer> {
  const directory = holdDirectory(config.dataDir)
  try {
    const composition = await compose(config, log).catch(asCannotStart)
    return await openDoor({ config, log, composition, directory }).catch(async (error: unknown) => {
      await composition.close()
      throw error
    })
  } catch (error) {
    directory.release()
    throw error
  }
}

interface Parts {
  readonly config: Config
  readonly log: Log
  readonly composition: Composition
  readonly directory: ReturnType<typeof holdDirectory>
}

async function openDoor({ config, log, composition, directory }: Parts): Promise<RunningServer> {
  const { store, nodes, engine, control, wire } = composition
  const stopping = new AbortController()
  let status: HealthReport['status'] = 'starting'
  let endpoint = ''
  const health = async (): Promise<HealthReport> => ({
    ...healthOf(config, composition),
    ...(await signatures(config, store)),
    status,
    endpoint,
    time: Date.now() / 1000,
  })
  const listening: Listening = await listen(
    config,
    wire,
    {
      store,
      engine,
      control,
      log,
      health,
      provider: nodes.provider,
      verify: arn =>
        verifySnapshot(
          { control, engine, engines: composition.engines, format: rdbFormat, dataDir: config.dataDir },
          arn,
        ),
      stopping: stopping.signal,
      authorityCertificate: () => nodes.authority.authorityCertificate(),
    },
    composition.buckets,
  )
  endpoint = reachable(listening)
  await warnOfOpenDoor(config, composition, log)
  directory.announce(endpoint)
  await control.start()
  const pruning = pruneEventsDaily(composition, log)
  const becomeReady = async (): Promise<void> => {
    await control.firstLook()
    if (status === 'starting') status = 'ready'
  }
  return {
    endpoint,
    ready: becomeReady(),
    health,
    async stop() {
      status = 'stopping'
      stopping.abort()
      clearInterval(pruning)
      await stopInOrder(log, [
        ['calls under way', () => listening.close()],
        ['steps under way', () => composition.close()],
        ['the data directory', async () => directory.release()],
      ])
    },
  }
}

async function warnOfOpenDoor({ host, accountId }: Config, { store }: Composition, log: Log): Promise<void> {
  if (isLoopback(host) || (await hasAccessKeys(store, accountId))) return
  log.warn(
    `the API listens on ${host} and accepts any credentials: whoever reaches it may use it; ` +
      '`hotshelf key create` makes an access key, and from then on every call must be signed',
  )
}

async function signatures(
  { accountId }: Config,
  store: Composition['store'],
): Promise<Pick<HealthReport, 'signatures'>> {
  try {
    return { signatures: (await hasAccessKeys(store, accountId)) ? 'required' : 'not required' }
  } catch {
    return {}
  }
}

type Facts = Omit<HealthReport, 'status' | 'endpoint' | 'time' | 'signatures'>

const healthOf = ({ region, accountId }: Config, { nodes, engines }: Composition): Facts => ({
  version,
  pid: process.pid,
  region,
  accountId,
  engines,
  addressMode: nodes.addressMode,
  ...namesOf(nodes),
})

function namesOf({ names }: Composition['nodes']): Pick<HealthReport, 'names'> {
  return names ? { names: { zone: names.zone, address: names.address, port: names.port } } : {}
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

/** A wildcard is no address that a client can use. */
function reachable({ host, port, url }: Listening): string {
  if (host === '0.0.0.0') return `http://127.0.0.1:${port}`
  return host === '::' ? `http://[::1]:${port}` : url
}

const dayMs = 86_400_000

/** AWS forgets events after fourteen days, and so does the outbox. */
function pruneEventsDaily({ store }: Composition, log: Log): NodeJS.Timeout {
  const prune = () => {
    store.events.prune(new Date(Date.now() - eventRetentionDays * dayMs)).catch((error: unknown) => {
      log.warn({ err: error }, 'old events could not be removed; tried again tomorrow')
    })
  }
  prune()
  return setInterval(prune, dayMs).unref()
}
