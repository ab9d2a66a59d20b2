/**
 * A server of its own under fire: so many requests from a seed over several connections at once, then a look at what it
 * made of them. Cache engines are kept out of its sight: a request that happens to be a good one must not start any.
 */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { mountedServices } from '@hotshelf/services'
import { dispose, type Hotshelf, startHotshelf } from '@hotshelf/testkit'
import { seeded } from '../chaos/random.ts'
import { makeRequest, type FuzzKey } from './requests.ts'
import { Sender } from './sender.ts'

export interface FuzzOptions {
  readonly requests: number
  readonly seed: number
  readonly connections?: number
  readonly onProgress?: (done: number, rssMiB: number) => void
}

export interface FuzzReport {
  readonly requests: number
  /** By status; 0 for a connection that was ended without an answer. */
  readonly statuses: ReadonlyMap<number, number>
  /** Requests answered with 5xx, or never. */
  readonly complaints: readonly string[]
  /** Lines of the server's log that tell of a failure inside. */
  readonly failures: readonly string[]
  readonly alive: boolean
  /** Resident memory of the server in MiB: after the first tenth, the most seen after it, and at the end. */
  readonly rss: { readonly early: number; readonly most: number; readonly end: number }
  /** Descriptors before and after, once all connections were closed. */
  readonly descriptors: { readonly before: number; readonly after: number }
  readonly seconds: number
  /** Kinds of request by the longest wait for an answer, worst first; waits for others are in it. */
  readonly slowest: readonly string[]
}

const program = fileURLToPath(new URL('../../packages/cli/bin/hotshelf.js', import.meta.url))

export async function fuzzFrontDoor({
  requests,
  seed,
  connections = 24,
  onProgress,
}: FuzzOptions): Promise<FuzzReport> {
  const server = await startHotshelf({
    arguments: ['--log-level', 'warn', '--audit-calls', '5000'],
    environment: { PATH: '/nonexistent' },
  })
  try {
    return await underFire(server, { requests, seed, connections, ...(onProgress && { onProgress }) })
  } finally {
    await dispose(server)
  }
}

async function underFire(
  server: Hotshelf,
  options: FuzzOptions & { readonly connections: number },
): Promise<FuzzReport> {
  const { requests, seed, connections, onProgress } = options
  const makings = {
    services: await Promise.all(
      mountedServices.map(async ({ model, operations }) => ({
        model: await model.load(),
        built: Object.keys(operations),
      })),
    ),
    key: await newKey(server.dataDir),
    now: () => new Date(),
  }
  const pid = server.process.pid!
  const statuses = new Map<number, number>()
  const complaints: string[] = []
  const began = performance.now()
  const descriptorsBefore = descriptors(pid)
  const rss = { early: 0, most: 0, end: 0 }
  let next = 0
  const slowest = new Slowest()
  const alive = () => server.process.exitCode === null && server.process.signalCode === null

  const look = (done: number): void => {
    const now = residentMiB(pid)
    if (done >= requests / 10) {
      if (rss.early === 0) rss.early = now
      rss.most = Math.max(rss.most, now)
    }
    onProgress?.(done, now)
  }
  const fire = async (): Promise<void> => {
    const sender = new Sender(server.port)
    while (next < requests && alive()) {
      const number = next++
      // Each request has its own seed: one that complained is made again without those before it.
      const request = makeRequest(seeded(seed * 1_000_003 + number), makings)
      const sent = performance.now()
      const outcome = await sender.send(request)
      slowest.note(request.kind, performance.now() - sent)
      const status = 'answered' in outcome ? outcome.answered : 0
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      if ('hung' in outcome) complaints.push(`${number} (${request.kind}): no answer`)
      if ('answered' in outcome && status >= 500)
        complaints.push(
          `${number} (${request.kind}): ${status} ${outcome.body.slice(0, 500)}\n${request.bytes.subarray(0, 2_000).toString('latin1')}`,
        )
      if (number % Math.max(1, Math.floor(requests / 40)) === 0) look(number)
    }
    sender.close()
  }
  await Promise.all(Array.from({ length: connections }, fire))
  process.stderr.write(
    `cpu server ${readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ').slice(13, 15)} client ${JSON.stringify(process.cpuUsage())}\n`,
  )
  const health = await fetch(`${server.endpoint}/_hotshelf/health`).catch(() => undefined)
  await new Promise(resolve => setTimeout(resolve, 1_500))
  rss.end = alive() ? residentMiB(pid) : 0
  return {
    requests: next,
    statuses,
    complaints,
    failures: server
      .output()
      .split('\n')
      .filter(line => /failed inside|nobody caught|could not be recorded|"level":(50|60)/.test(line)),
    alive: alive() && health?.status === 200,
    rss,
    descriptors: { before: descriptorsBefore, after: alive() ? descriptors(pid) : 0 },
    seconds: (performance.now() - began) / 1000,
    slowest: slowest.worst(),
  }
}

class Slowest {
  readonly #kinds = new Map<string, { count: number; sum: number; most: number }>()

  note(kind: string, ms: number): void {
    const { count, sum, most } = this.#kinds.get(kind) ?? { count: 0, sum: 0, most: 0 }
    this.#kinds.set(kind, { count: count + 1, sum: sum + ms, most: Math.max(most, ms) })
  }

  worst(): readonly string[] {
    return [...this.#kinds]
      .toSorted(([, a], [, b]) => b.most - a.most)
      .slice(0, 12)
      .map(
        ([kind, { count, sum, most }]) =>
          `${kind}: ${count}, mean ${(sum / count).toFixed(0)} ms, most ${most.toFixed(0)} ms`,
      )
  }
}

function newKey(dataDir: string): Promise<FuzzKey> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [program, 'key', 'create', '--json', '--data-dir', dataDir], (error, out, err) => {
      if (error) reject(new Error(err))
      else resolve(JSON.parse(out) as FuzzKey)
    })
  })
}

function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024)
}

const descriptors = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length

export function report(found: FuzzReport): string {
  const { requests, statuses, complaints, failures, rss, descriptors, seconds, alive, slowest } = found
  const counts = [...statuses]
    .toSorted(([a], [b]) => a - b)
    .map(([status, count]) => `${status === 0 ? 'cut' : status}: ${count}`)
  return [
    `${requests} requests in ${seconds.toFixed(0)} s; ${counts.join(', ')}`,
    `memory: ${rss.early} MiB after a tenth, ${rss.most} MiB at most, ${rss.end} MiB at the end`,
    `descriptors: ${descriptors.before} before, ${descriptors.after} after; server ${alive ? 'well' : 'NOT WELL'}`,
    ...slowest.map(line => `  ${line}`),
    `${complaints.length} complaints, ${failures.length} failures inside`,
    ...complaints.slice(0, 10),
    ...failures.slice(0, 10),
  ].join('\n')
}
