/** The ways a server goes away, and how it comes back. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Address, Engine } from './stage.ts'

export interface Stage {
  /** Where the library connects. */
  readonly port: number
  away(): unknown
  back(): unknown
  /** The server that should hold what is stored once it is back. */
  live(): Engine
}

export interface Way {
  readonly name: string
  /** How long it is away when it comes back by itself. */
  readonly lasts?: number
  stage(): Promise<Stage>
}

async function alone(away: (engine: Engine) => unknown, back: (engine: Engine) => unknown): Promise<Stage> {
  const engine = await Engine.start()
  return { port: engine.port, away: () => away(engine), back: () => back(engine), live: () => engine }
}

const slowMs = 3000

export const ways: readonly Way[] = [
  {
    name: 'killed',
    stage: () =>
      alone(
        engine => engine.signal('SIGKILL'),
        engine => engine.start(),
      ),
  },
  {
    name: 'frozen',
    stage: () =>
      alone(
        engine => engine.signal('SIGSTOP'),
        engine => engine.signal('SIGCONT'),
      ),
  },
  {
    name: 'slow',
    lasts: slowMs,
    stage: () =>
      alone(
        engine => void engine.ask(redis => redis.call('DEBUG', 'SLEEP', String(slowMs / 1000))),
        // Answered when it is.
        engine => engine.ask(redis => redis.ping()),
      ),
  },
  {
    name: 'flushed',
    lasts: 0,
    stage: () =>
      alone(
        engine => engine.ask(async redis => [await redis.flushall(), await redis.script('FLUSH')]),
        () => undefined,
      ),
  },
  {
    name: 'failed over',
    lasts: 0,
    async stage() {
      const [old, next] = [await Engine.start(), await Engine.start()]
      await next.ask(async redis => {
        await redis.replicaof('127.0.0.1', old.port)
        while (!(await redis.info('replication')).includes('master_link_status:up')) await sleep(20)
      })
      const address = await Address.of(old.port)
      return {
        port: address.port,
        // As a planned failover does it: the old primary lives on as a replica, and open connections stay with it.
        async away() {
          await next.ask(redis => redis.replicaof('NO', 'ONE'))
          address.point(next.port)
          await old.ask(redis => redis.replicaof('127.0.0.1', next.port))
        },
        back: () => undefined,
        live: () => next,
      }
    },
  },
]
