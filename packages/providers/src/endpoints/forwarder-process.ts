/**
 * Keeps one forwarder per data directory running and talks to it. It is found again by its control socket, or by its
 * working directory while it is still starting, and started anew when its connection closes although there is work.
 */
import { createRequire } from 'node:module'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Unavailable } from '@hotshelf/domain'
import { openDirectory } from '../durable-file.ts'
import type { OnEffect } from '../effects.ts'
import type { Log } from '../log.ts'
import { chooseControlSocket, prepareControlSocket } from '../process/control-socket.ts'
import { endProcess } from '../process/end.ts'
import { type ProcessIdentity, type ProcessTable, processTableHere } from '../process/process-table.ts'
import { spawnDetached } from '../process/spawn.ts'
import { takingTurns } from '../turns.ts'
import { type Applied, type Greeting, protocol } from './forwarder-protocol.ts'

export interface ForwarderOptions {
  readonly dataDir: string
  /** What endpoints' listeners bind. */
  readonly listen: string
  readonly log: Log
  readonly onEffect: OnEffect
  /** True while there is something to forward. */
  readonly needed: () => boolean
}

export interface Forwarder {
  /** Makes the forwarder do what endpoints.json says; starts one where it is needed. Throws Unavailable when none answers. */
  apply(): Promise<Applied>
  /** Lets go of it; it goes on. */
  close(): void
}

interface Line {
  readonly socket: Socket
  readonly greeting: Greeting
  readonly waiting: ((applied: Applied | undefined) => void)[]
}

interface Post extends ForwarderOptions {
  /** Absolute, without symbolic links. */
  readonly directory: string
  readonly controlSocket: string
  readonly table: ProcessTable
}

const startMs = 15_000
const answerMs = 5_000
const restartAfterMs = 100

export async function openForwarder(options: ForwarderOptions): Promise<Forwarder> {
  const post = await openPost(options)
  const turns = takingTurns()
  let line: Line | undefined
  let closed = false
  const connected = async (): Promise<Line | undefined> => {
    if (line && !line.socket.destroyed) return line
    line = (await reach(post)) ?? (post.needed() ? await startForwarder(post) : undefined)
    line?.socket.once('close', () => void comeBack())
    return line
  }
  const apply = () =>
    turns('apply', async (): Promise<Applied> => {
      const to = await connected()
      return to ? ask(to) : { failures: [], trouble: undefined }
    })
  const isMissed = () => !closed && post.needed() && (!line || line.socket.destroyed)
  const comeBack = async (): Promise<void> => {
    while (isMissed()) {
      await sleep(restartAfterMs, undefined, { ref: false })
      if (!isMissed()) return
      post.log.warn({}, 'the forwarder is gone; starting it again')
      await apply().catch((error: unknown) => post.log.warn({ error }, 'could not start the forwarder'))
    }
  }
  return {
    apply,
    close: () => {
      closed = true
      line?.socket.destroy()
    },
  }
}

async function openPost(options: ForwarderOptions): Promise<Post> {
  const directory = await openDirectory(join(options.dataDir, 'forwarder'))
  return { ...options, directory, controlSocket: chooseControlSocket(directory), table: processTableHere() }
}

/** The forwarder that is there already, if it is one we can talk to. */
async function reach(post: Post): Promise<Line | undefined> {
  const there = await findForwarder(post)
  const line = (await call(post.controlSocket)) ?? (there && (await callUntil(post, startMs)))
  if (line?.greeting.protocol === protocol) return line
  line?.socket.destroy()
  const old = there ?? (line && (await post.table.identify(line.greeting.pid)))
  if (old) await endProcess(post.table, old, 0)
  return undefined
}

async function startForwarder(post: Post): Promise<Line> {
  await prepareControlSocket(post.controlSocket, post.directory)
  const child = spawnDetached({
    program: process.execPath,
    arguments: [...forwarderProgram(), post.dataDir, post.controlSocket, post.listen],
    directory: post.directory,
    log: join(post.directory, 'forwarder.log'),
  })
  post.onEffect('forwarder-started')
  const line = await callUntil(post, startMs)
  if (line && child.pid !== undefined) return line
  throw new Unavailable(`The forwarder does not start; ${join(post.directory, 'forwarder.log')} says why.`, 1000)
}

async function findForwarder(post: Post): Promise<ProcessIdentity | undefined> {
  const { directory } = post
  const candidate = { directory, program: process.execPath, address: '', port: 0, remembered: undefined }
  return (await post.table.find([candidate])).get(directory)
}

/** Beside this file; run from the sources (as tests do), TypeScript needs its loader. */
function forwarderProgram(): readonly string[] {
  const fromSources = import.meta.url.endsWith('.ts')
  const program = fileURLToPath(new URL(fromSources ? 'tcp-forwarder.ts' : 'tcp-forwarder.js', import.meta.url))
  if (!fromSources) return [program]
  return ['--import', createRequire(import.meta.url).resolve('tsx/esm'), program]
}

async function callUntil(post: Post, ms: number): Promise<Line | undefined> {
  const deadline = performance.now() + ms
  for (;;) {
    const line = await call(post.controlSocket)
    if (line || performance.now() > deadline) return line
    await sleep(20)
  }
}

/** A connection on which the forwarder has introduced itself. */
function call(path: string): Promise<Line | undefined> {
  return new Promise(resolve => {
    const socket = connect(path)
    const waiting: Line['waiting'] = []
    const impatient = setTimeout(() => socket.destroy(), answerMs).unref()
    let greeted = false
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      clearTimeout(impatient)
      resolve(undefined)
      for (const answer of waiting.splice(0)) answer(undefined)
    })
    const lines = createInterface({ input: socket })
    // It passes the socket's errors on, to be handled once more.
    lines.on('error', () => {})
    lines.on('line', text => {
      if (greeted) {
        waiting.shift()?.(JSON.parse(text) as Applied)
        return
      }
      greeted = true
      clearTimeout(impatient)
      socket.unref()
      resolve({ socket, greeting: JSON.parse(text) as Greeting, waiting })
    })
  })
}

function ask(line: Line): Promise<Applied> {
  return new Promise((resolve, reject) => {
    const impatient = setTimeout(() => line.socket.destroy(), answerMs)
    line.waiting.push(applied => {
      clearTimeout(impatient)
      if (applied) resolve(applied)
      else reject(new Unavailable('The forwarder did not answer; it is started again.'))
    })
    line.socket.write('\n')
  })
}
