/**
 * How commands reach the server: its own pages under /_hotshelf, and the AWS API through the official SDK.
 */
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { ElastiCacheClient } from '@aws-sdk/client-elasticache'
import type { EventReport, GroupReport, HealthReport, PlanReport, SnapshotReport, VerifyLine } from '@hotshelf/server'
import { Failed } from './failed.ts'

export interface Server {
  readonly endpoint: string
  /** Also while the server is still starting. */
  health(): Promise<HealthReport>
  groups(): Promise<readonly GroupReport[]>
  /** Every group, or the one of this name or ARN. */
  plan(group?: string): Promise<readonly PlanReport[]>
  /** Events of the past, then, with `follow`, those to come until the signal. */
  events(options: EventOptions): AsyncIterable<EventReport>
  snapshots(): Promise<readonly SnapshotReport[]>
  /** A line for each step, as the work goes on. */
  verifySnapshot(arn: string): AsyncIterable<VerifyLine>
  authorityPem(): Promise<string>
  /** The AWS API. Any credentials do; those of the environment are used where there are some. */
  elasticache(region: string): Promise<ElastiCacheClient>
}

export interface EventOptions {
  readonly follow: boolean
  /** How many of the past. */
  readonly last: number
  readonly source?: string | undefined
  readonly signal?: AbortSignal
}

export function serverAt(endpoint: string): Server {
  const json = async <T>(path: string): Promise<T> => JSON.parse(await get(endpoint, path)) as T
  return {
    endpoint,
    health: async () => JSON.parse(await get(endpoint, '/_hotshelf/health', [200, 503])) as HealthReport,
    groups: () => json('/_hotshelf/groups'),
    plan: group => json(`/_hotshelf/plan${group === undefined ? '' : `?group=${encodeURIComponent(group)}`}`),
    events: options => readEvents(endpoint, options),
    snapshots: () => json('/_hotshelf/snapshots'),
    verifySnapshot: arn => readLines(endpoint, `/_hotshelf/snapshots/verify?arn=${encodeURIComponent(arn)}`),
    authorityPem: () => get(endpoint, '/_hotshelf/ca.pem'),
    async elasticache(region) {
      const { ElastiCacheClient } = await import('@aws-sdk/client-elasticache')
      return new ElastiCacheClient({ endpoint, region, credentials: credentials(), maxAttempts: 2 })
    },
  }
}

function credentials() {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env
  const sessionToken = AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) return { accessKeyId: 'hotshelf', secretAccessKey: 'hotshelf' }
  return { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, ...sessionToken }
}

async function* readEvents(endpoint: string, options: EventOptions): AsyncIterable<EventReport> {
  const query = new URLSearchParams({ last: String(options.last), ...(options.follow ? { follow: 'true' } : {}) })
  if (options.source !== undefined) query.set('source', options.source)
  yield* readLines(endpoint, `/_hotshelf/events?${query}`, options.signal)
}

async function* readLines<T>(endpoint: string, path: string, signal?: AbortSignal): AsyncIterable<T> {
  const answer = await open(endpoint, path, signal)
  if (answer.statusCode !== 200) throw refused(endpoint, answer.statusCode, await textOf(answer))
  let rest = ''
  try {
    for await (const chunk of answer) {
      const lines = (rest + String(chunk)).split('\n')
      rest = lines.pop() ?? ''
      // An empty line only keeps the connection open.
      for (const line of lines) if (line !== '') yield JSON.parse(line) as T
    }
  } catch (error) {
    if (signal?.aborted) return
    throw new Failed(
      `The connection to ${endpoint} broke (${(error as Error).message}).`,
      'Is the server still running?',
      3,
    )
  }
}

async function get(endpoint: string, path: string, expected: readonly number[] = [200]): Promise<string> {
  const answer = await open(endpoint, path)
  const text = await textOf(answer)
  if (expected.includes(answer.statusCode ?? 0)) return text
  throw refused(endpoint, answer.statusCode, text)
}

/** node:http and not fetch: no proxy, and no limit on how long a followed stream may be silent. */
function open(endpoint: string, path: string, signal?: AbortSignal): Promise<IncomingMessage> {
  const url = new URL(path, endpoint)
  const options = signal ? { signal } : {}
  return send(endpoint, url.protocol === 'https:' ? secureRequest(url, options) : request(url, options))
}

function send(endpoint: string, outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once('response', answer => resolve(answer.setEncoding('utf8')))
    outgoing.once('error', error => reject(notRunning(endpoint, error)))
    outgoing.setTimeout(10_000, () => outgoing.destroy(new Error('no answer within 10 seconds')))
    outgoing.once('response', () => outgoing.setTimeout(0))
    outgoing.end()
  })
}

const notRunning = (endpoint: string, error: Error): Failed =>
  new Failed(
    `No Hotshelf answers at ${endpoint} (${error.message || (error as NodeJS.ErrnoException).code}).`,
    'Start one with `npx hotshelf up`, or say where it is with --endpoint-url or --data-dir.',
    3,
  )

function refused(endpoint: string, status: number | undefined, text: string): Failed {
  const said = messageIn(text)
  if (said) return new Failed(said.message, said.advice)
  return new Failed(
    `${endpoint} answered ${status}, as no Hotshelf does.`,
    'Another program may hold that port: say where Hotshelf is with --endpoint-url.',
    3,
  )
}

/** The server's own refusals are JSON with a message and advice. */
function messageIn(text: string): { readonly message: string; readonly advice: string } | undefined {
  try {
    const { message, advice } = JSON.parse(text) as { readonly message?: unknown; readonly advice?: unknown }
    return typeof message === 'string' ? { message, advice: typeof advice === 'string' ? advice : '' } : undefined
  } catch {
    return undefined
  }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of answer) text += String(chunk)
  return text
}
