/** Stays with a group until what was asked for is done, and shows each step on the way: its work and its events. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { EventReport, GroupReport } from '@hotshelf/server'
import type { Server } from './api.ts'
import { chosenGroup } from './chosen-groups.ts'
import { Failed } from './failed.ts'
import type { Output } from './output.ts'
import { openProgress } from './progress.ts'
import { withBar, workOf } from './work.ts'

export interface Following {
  readonly server: Server
  readonly output: Output
  readonly group: GroupReport
  /** Asks for the work; events from here on are shown. */
  readonly ask: () => Promise<void>
  readonly isDone: (group: GroupReport) => boolean
  readonly what: string
  readonly timeoutSeconds: number
}

export interface Followed {
  readonly group: GroupReport
  readonly events: readonly EventReport[]
  readonly seconds: number
}

const betweenLooksMs = 200

export async function followWork(following: Following): Promise<Followed> {
  const { server, output, group, ask, isDone, what, timeoutSeconds } = following
  const over = new AbortController()
  const interrupted = () => over.abort()
  process.once('SIGINT', interrupted)
  const progress = openProgress(output)
  const events: EventReport[] = []
  const watching = watchEvents(following, over.signal, event => {
    events.push(event)
    progress.end()
    if (!output.json) output.say(event.message)
  })
  const began = performance.now()
  try {
    await ask()
    for (;;) {
      const now = await chosenGroup(server, group.arn)
      if (isDone(now)) {
        // The event is written with the state that was just seen; its line may still be on its way.
        await sleep(betweenLooksMs)
        return { group: now, events, seconds: (performance.now() - began) / 1000 }
      }
      if (over.signal.aborted)
        throw new Failed(`${what} goes on without you.`, `Watch it: hotshelf status ${group.id} --watch`, 130)
      if (performance.now() - began > timeoutSeconds * 1000) throw late(following, now)
      const work = workOf(now)
      const text = [work.now, ...work.trouble].filter(sentence => sentence !== undefined).map(withBar)
      progress.show(text.join('; ') || `${group.id} is ${now.status}`)
      await sleep(betweenLooksMs)
    }
  } finally {
    progress.end()
    over.abort()
    process.off('SIGINT', interrupted)
    await watching
  }
}

function late({ what, timeoutSeconds, group }: Following, now: GroupReport): Failed {
  const { now: doing, trouble } = workOf(now)
  const why = trouble[0] ?? doing ?? `the group is ${now.status}`
  return new Failed(
    `${what} is not done after ${timeoutSeconds} s: ${why}.`,
    `Hotshelf goes on with it. \`hotshelf plan ${group.id}\` says what is next, \`hotshelf status ${group.id} --watch\` shows it.`,
  )
}

/** Ends with the signal. Events are for whoever watches: without them the work is followed all the same. */
async function watchEvents({ server, group }: Following, signal: AbortSignal, say: (event: EventReport) => void) {
  try {
    for await (const event of server.events({ follow: true, last: 0, source: group.id, signal })) say(event)
  } catch {
    // The group's own state tells when it is done.
  }
}
