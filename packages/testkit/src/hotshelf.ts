/**
 * Starts the built server as a process of its own, the way users run it, in a data directory of its own.
 * `dispose` ends the server and every node it left behind, and says what was left: a test asserts on it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../cli/dist/main.js', import.meta.url))

export interface HotshelfOptions {
  /** Data directory to use again; a fresh one by default. */
  readonly dataDir?: string
  readonly port?: number
  readonly arguments?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** How long it may take until `health` answers 200. */
  readonly readyMs?: number
}

export interface Hotshelf {
  readonly endpoint: string
  readonly port: number
  readonly dataDir: string
  readonly process: ChildProcess
  /** Everything it wrote so far. */
  output(): string
  /** Resolves with how it ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
  stop(): Promise<void>
  kill(): Promise<void>
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

export const freshDataDir = (): string => mkdtempSync(join(tmpdir(), 'hs-'))

/** Starts it and waits until it is ready, or throws with what it wrote. */
export async function startHotshelf(options: HotshelfOptions = {}): Promise<Hotshelf> {
  const hotshelf = await launchHotshelf(options)
  const ready = await waitUntilReady(hotshelf, options.readyMs ?? 60_000)
  if (!ready) {
    await hotshelf.kill()
    throw new Error(`Hotshelf did not become ready:\n${hotshelf.output()}`)
  }
  return hotshelf
}

/** Starts it and returns at once: for servers that are meant to die. */
export async function launchHotshelf(options: HotshelfOptions = {}): Promise<Hotshelf> {
  const dataDir = options.dataDir ?? freshDataDir()
  const port = options.port ?? (await freePort())
  const flags = ['up', '--port', String(port), '--data-dir', dataDir, ...(options.arguments ?? [])]
  const environment = { ...process.env, ...options.environment }
  const child = spawn(process.execPath, [program, ...flags], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  let written = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (written += bytes.toString()))
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>(resolve =>
    child.once('exit', (code, signal) => resolve({ code, signal })),
  )
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await ended
  }
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    dataDir,
    process: child,
    output: () => written,
    ended,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  }
}

/** False when it ended first, or the time is up. */
export async function waitUntilReady(hotshelf: Hotshelf, withinMs: number): Promise<boolean> {
  const until = Date.now() + withinMs
  while (hotshelf.process.exitCode === null && hotshelf.process.signalCode === null && Date.now() < until) {
    const answer = await fetch(`${hotshelf.endpoint}/_hotshelf/health`).catch(() => undefined)
    // Another server may have the port that this one wanted.
    if (answer?.status === 200 && ((await answer.json()) as { pid?: number }).pid === hotshelf.process.pid) return true
    await new Promise(resolve => setTimeout(resolve, 25))
  }
  return false
}

/** Every process whose working directory lies under the data directory: the nodes, and whatever else was started there. */
export function processesIn(dataDir: string): readonly { readonly pid: number; readonly directory: string }[] {
  if (!existsSync('/proc')) return []
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      try {
        const directory = readlinkSync(`/proc/${name}/cwd`)
        const stat = readFileSync(`/proc/${name}/stat`, 'latin1')
        const zombie = stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')
        return directory.startsWith(dataDir) && !zombie ? [{ pid: Number(name), directory }] : []
      } catch {
        return []
      }
    })
}

/** Ends whatever still runs in the data directory and removes it. */
export async function dispose(hotshelf: Hotshelf): Promise<void> {
  await hotshelf.kill()
  for (let tries = 0; tries < 50; tries++) {
    const left = processesIn(hotshelf.dataDir)
    if (left.length === 0) break
    for (const { pid } of left) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It ended by itself.
      }
    }
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  rmSync(hotshelf.dataDir, { recursive: true, force: true, maxRetries: 5 })
}

/** Asks again until the answer is there, or fails with the last one. */
export async function eventually<T>(
  ask: () => Promise<T>,
  accept: (answer: T) => boolean,
  withinMs = 60_000,
): Promise<T> {
  const until = Date.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (accept(answer)) return answer
    if (Date.now() > until) throw new Error(`still not so after ${withinMs} ms: ${JSON.stringify(answer)}`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}
