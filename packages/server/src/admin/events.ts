/**
 * `/_hotshelf/events?last=50&follow=true&source=<id>`: one JSON object per line, oldest first.
 * A follower gets what happens until it goes away or the server stops; an empty line now and then keeps the line open.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { EventEntry, Store } from '@hotshelf/domain'
import { isGet, type Page, PageRefusal, type PageRequest, sendRefusal } from './page.ts'
import type { EventReport } from './reports.ts'

const lookEveryMs = 250
const keepAliveMs = 15_000
const pageSize = 500
const mostAtOnce = 10_000

export const eventsPage: Page = request => {
  if (request.url.pathname !== '/_hotshelf/events') return false
  if (!isGet(request)) return true
  tellEvents(request).catch((error: unknown) => sendRefusal(request, error))
  return true
}

async function tellEvents({ url, response, insight }: PageRequest): Promise<void> {
  const last = readLast(url.searchParams.get('last'))
  const source = url.searchParams.get('source') ?? undefined
  const over = new AbortController()
  response.once('close', () => over.abort())
  const past = await newest(insight.store, last, source)
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' })
  // A follower learns at once that it is connected, also when nothing has happened yet.
  response.flushHeaders()
  for (const event of past.events) response.write(line(event))
  if (url.searchParams.get('follow') === 'true') {
    await follow(past.seq, source, {
      response,
      store: insight.store,
      signal: AbortSignal.any([over.signal, insight.stopping]),
    })
  }
  response.end()
}

interface Following {
  readonly response: PageRequest['response']
  readonly store: Store
  readonly signal: AbortSignal
}

async function follow(from: number, source: string | undefined, { response, store, signal }: Following): Promise<void> {
  let seq = from
  let quietMs = 0
  while (!signal.aborted) {
    const entries = await store.events.since(seq, pageSize)
    seq = entries.at(-1)?.seq ?? seq
    for (const event of entries.filter(entry => concerns(entry, source))) response.write(line(event))
    quietMs = entries.length > 0 ? 0 : quietMs + lookEveryMs
    if (quietMs >= keepAliveMs) {
      response.write('\n')
      quietMs = 0
    }
    if (entries.length < pageSize) await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined)
  }
}

/** The newest `last` that concern the source, and the number of the newest of all. */
async function newest(store: Store, last: number, source: string | undefined) {
  let events: EventEntry[] = []
  let seq = 0
  for (;;) {
    const page = await store.events.since(seq, pageSize)
    seq = page.at(-1)?.seq ?? seq
    events = [...events, ...page.filter(entry => concerns(entry, source))]
    events = last === 0 ? [] : events.slice(-last)
    if (page.length < pageSize) return { events, seq }
  }
}

/** A group's nodes are `<group>-001` or `<group>-0001-001`: what happens to them concerns the group. */
export function concerns(event: Pick<EventEntry, 'sourceId'>, source: string | undefined): boolean {
  if (source === undefined || event.sourceId === source) return true
  return event.sourceId.startsWith(`${source}-`) && /^(?:\d{4}-)?\d{3}$/.test(event.sourceId.slice(source.length + 1))
}

const line = (event: EventEntry): string => {
  const report: EventReport = { ...event, at: new Date(event.at).toISOString() }
  return `${JSON.stringify(report)}\n`
}

function readLast(text: string | null): number {
  const last = Number(text ?? 50)
  if (Number.isSafeInteger(last) && last >= 0) return Math.min(last, mostAtOnce)
  throw new PageRefusal(400, '`last` should be a whole number, 0 or more.', '')
}
