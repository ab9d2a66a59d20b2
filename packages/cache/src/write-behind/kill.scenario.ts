// The worker is killed (SIGKILL) at every step of its loop, one process per step and moment: when a command has
// left, and when its answer, or its refusal, is there but not yet seen. What was accepted is in the database or, when it can never be
// written, in the dead letters; nothing is lost, and no key goes back to an older value.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text as readAll } from 'node:stream/consumers'
import { afterEach, describe, expect, test } from 'vitest'
import { eventually, host, type Server } from '../../testing/engine.ts'
import { World } from '../../testing/world.ts'
import type { Connection } from '../connection/connection.ts'
import { ACK, BURY, CLAIM, YIELD } from './scripts.ts'
import { WriteBehind } from './write-behind.ts'

const world = new World()
afterEach(() => world.end())

const library = new URL('../../dist/index.js', import.meta.url).href
/** What the server has seen is the same before a command leaves as after the answer to the one before it. */
const moments = ['sent', 'answered'] as const
const SIDE_BY_SIDE = 3
/** Tens of processes one after the other; how long that takes says nothing. */
const PATIENCE_MS = 900_000

const scriptNames = Object.fromEntries(
  Object.entries({ ACK, BURY, CLAIM, YIELD }).map(([name, { sha }]) => [sha, name]),
)

interface Death {
  /** Which command of the worker's, counted from 0; -1 to live. */
  readonly step: number
  readonly moment: (typeof moments)[number]
}

/**
 * The worker. Every command it sends, to the log or to its database, is a step. It says the name of each on a line of its
 * own and ends by itself when it has found nothing left to do once.
 */
const program = `
  import { createHash } from 'node:crypto'
  import { writeSync } from 'node:fs'
  const [library, url, scriptNames, name, stepText, moment] = process.argv.slice(1)
  const { connect, WriteBehind } = await import(library)
  const fatal = Number(stepText)
  let steps = 0
  let idle
  const done = new Promise(resolve => { idle = resolve })
  const names = JSON.parse(scriptNames)
  const nameOf = ([command, first, ...rest]) => {
    if (command === 'EVAL') return names[createHash('sha1').update(first).digest('hex')] + ' (text)'
    if (command === 'XREADGROUP') return 'XREADGROUP ' + rest.at(-1)
    return command === 'EVALSHA' ? names[first] : command
  }
  const die = when => {
    if (when !== moment) return
    process.kill(process.pid, 'SIGKILL')
    for (;;);
  }
  const watched = async () => {
    const connection = await connect({ url, required: true, readDeadline: '10s', writeDeadline: '10s', connectTimeout: '10s' })
    const { client } = connection
    const send = client.send.bind(client)
    client.send = command => {
      const step = steps++
      writeSync(1, nameOf(command.args) + '\\n')
      const answer = send(command)
      // Given to the socket in the next turn; dying there leaves it open whether the server got it.
      if (step === fatal) setImmediate(() => die('sent'))
      return answer.then(reply => {
        if (step === fatal) die('answered')
        if (nameOf(command.args) === 'XREADGROUP >' && reply === null) idle()
        return reply
      }, error => {
        if (step === fatal) die('answered')
        throw error
      })
    }
    return connection
  }
  const [connection, database] = [await watched(), await watched()]
  const behind = new WriteBehind(connection, { name, batchSize: 4, lease: '10m', coalesce: false, attempts: 1, pollInterval: 5, write: async batch => {
    if (batch.some(({ value }) => value < 0) && batch.length > 1) throw new Error('a row of the batch cannot be written')
    for (const { key, value } of batch) {
      if (value < 0) throw new Error('a row that cannot be written')
      await database.send({ args: ['RPUSH', 'database:' + name, key + '=' + value] })
    }
  } })
  behind.start()
  await done
  await behind.stop()
  await Promise.all([connection.close(), database.close()])
`

async function work(server: Server, name: string, { step, moment }: Death): Promise<string[]> {
  const url = `redis://${host}:${server.port}`
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', program, library, url, JSON.stringify(scriptNames), name, String(step), moment],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const ended = once(child, 'exit')
  const [output, complaints] = await Promise.all([readAll(child.stdout), readAll(child.stderr)])
  const [code, signal] = await ended
  expect({ name, code, signal, complaints }).toEqual(
    step === -1
      ? { name, code: 0, signal: null, complaints: '' }
      : { name, code: null, signal: 'SIGKILL', complaints: '' },
  )
  return output.trim().split('\n')
}

type Values = readonly (readonly [key: string, value: number])[]

/** A server of its own, so that its scripts can be forgotten and a step is the same step every time. */
interface Lane {
  readonly server: Server
  readonly connection: Connection
}

async function accept({ server, connection }: Lane, name: string, values: Values): Promise<void> {
  const behind = new WriteBehind<number>(connection, { name, write: () => undefined })
  for (const [key, value] of values) await behind.set(key, value)
  server.cli('SCRIPT', 'FLUSH')
}

interface Left {
  readonly written: readonly string[]
  readonly backlog: number
  readonly dead: readonly string[]
}

/** Another worker goes on, in this process, until nothing waits. */
async function succeed({ server, connection }: Lane, name: string): Promise<Left> {
  // As if the dead worker's lease had run out; that it does is told in write-behind.scenario.ts.
  server.cli('DEL', `{behind:${name}:0}:lease`)
  const behind = new WriteBehind<number>(connection, {
    name,
    attempts: 1,
    coalesce: false,
    pollInterval: 5,
    write: async batch => {
      if (batch.some(({ value }) => value < 0)) throw new Error('a row that cannot be written')
      for (const { key, value } of batch)
        await connection.send({ args: ['RPUSH', `database:${name}`, `${key}=${value}`] })
    },
  })
  behind.start()
  await eventually(async () => expect(await behind.backlog()).toBe(0))
  await behind.stop()
  const dead = server.cli('XRANGE', `{behind:${name}:0}:dead`, '-', '+').split('\n')
  return {
    written: server.cli('LRANGE', `database:${name}`, '0', '-1').split('\n'),
    backlog: await behind.backlog(),
    dead: dead.flatMap((line, i) => (line === 'k' ? [dead[i + 1]!] : [])),
  }
}

/** At least once and in order: stretches may repeat, a gap or an older value at the end may not be. */
function expectComplete({ written }: Left, key: string, values: readonly number[]): void {
  const seen = written.filter(row => row.startsWith(`${key}=`)).map(row => Number(row.slice(key.length + 1)))
  expect([...new Set(seen)]).toEqual(values)
  expect(seen.at(-1)).toBe(values.at(-1))
}

/** Each way to die in a log of its own. Answers what the worker's steps are when it lives. */
async function everyDeath(accepted: Values, judge: (what: Left) => void): Promise<readonly string[]> {
  const lanes = await Promise.all(
    Array.from({ length: SIDE_BY_SIDE }, async (): Promise<Lane> => {
      const server = await world.server()
      return { server, connection: await world.connect(server) }
    }),
  )
  await accept(lanes[0]!, 'lives', accepted)
  const steps = await work(lanes[0]!.server, 'lives', { step: -1, moment: 'sent' })
  judge(await succeed(lanes[0]!, 'lives'))
  const deaths = steps.flatMap((_, step) => moments.map((moment): Death => ({ step, moment }))).values()
  await Promise.all(
    lanes.map(async lane => {
      for (const death of deaths) {
        const name = `dies-${death.step}-${death.moment}`
        await accept(lane, name, accepted)
        await work(lane.server, name, death)
        judge(await succeed(lane, name))
      }
    }),
  )
  return steps
}

describe('the worker of write-behind killed at every step', () => {
  test('what was accepted reaches the database, in order per key', { timeout: PATIENCE_MS }, async () => {
    const accepted = Array.from({ length: 6 }, (_, i) => [`k${i % 2}`, i] as const)
    const steps = await everyDeath(accepted, what => {
      expect(what).toMatchObject({ backlog: 0, dead: [] })
      expectComplete(what, 'k0', [0, 2, 4])
      expectComplete(what, 'k1', [1, 3, 5])
    })
    // A script the server does not know yet is asked for twice, by its hash and with its text.
    const batch = (rows: number) => ['XREADGROUP 0', 'XREADGROUP >', ...Array.from({ length: rows }, () => 'RPUSH')]
    const turns = [
      ['CLAIM', 'CLAIM (text)', 'XGROUP', ...batch(4), 'ACK', 'ACK (text)'],
      ['CLAIM', ...batch(2), 'ACK'],
      ['CLAIM', ...batch(0), 'YIELD', 'YIELD (text)'],
    ]
    expect(steps).toEqual(turns.flat())
  })

  test('what can never be written is in the dead letters once, and the rest in the database', {
    timeout: PATIENCE_MS,
  }, async () => {
    const accepted = [
      ['a', 1],
      ['b', -1],
      ['a', 2],
    ] as const
    const steps = await everyDeath(accepted, what => {
      expect(what).toMatchObject({ backlog: 0, dead: ['b'] })
      expectComplete(what, 'a', [1, 2])
    })
    const turns = [
      ['CLAIM', 'CLAIM (text)', 'XGROUP', 'XREADGROUP 0', 'XREADGROUP >'],
      ['RPUSH', 'ACK', 'ACK (text)', 'BURY', 'BURY (text)', 'RPUSH', 'ACK'],
      ['CLAIM', 'XREADGROUP 0', 'XREADGROUP >', 'YIELD', 'YIELD (text)'],
    ]
    expect(steps).toEqual(turns.flat())
  })
})
