/** Finds a snapshot by name, and stays with one until it is there, or gone, showing how far it is. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { SnapshotReport } from '@hotshelf/server'
import type { Server } from './api.ts'
import { Failed } from './failed.ts'
import type { Output } from './output.ts'
import { openProgress } from './progress.ts'
import { withBar } from './work.ts'

export async function chosenSnapshot(server: Server, name: string): Promise<SnapshotReport> {
  const all = await server.snapshots()
  const found = all.find(one => one.name === name.toLowerCase() || one.arn === name)
  if (found) return found
  const names = all.map(one => one.name).join(', ')
  throw new Failed(
    `There is no snapshot "${name}" at ${server.endpoint}.`,
    names ? `There are: ${names}.` : 'There is none yet: `hotshelf snapshot create <group> <name>` makes one.',
  )
}

export interface FollowedSnapshot {
  readonly server: Server
  readonly output: Output
  readonly name: string
  readonly region: string
  /** An export, which is listed only while it is under way. */
  readonly goes?: boolean
  readonly timeoutSeconds: number
}

const betweenLooksMs = 150

export async function followSnapshot(
  following: FollowedSnapshot,
): Promise<{ readonly report: SnapshotReport | undefined; readonly seconds: number }> {
  const { server, output, name, region, goes = false, timeoutSeconds } = following
  const progress = openProgress(output)
  const began = performance.now()
  const seconds = (): number => (performance.now() - began) / 1000
  try {
    for (;;) {
      const report = (await server.snapshots()).find(one => one.name === name && one.region === region)
      if (report?.status === 'failed')
        throw new Failed(`${name} failed: ${report.failure}.`, 'Mend the cause, delete it, and ask again.')
      if (goes ? !report : report?.status === 'available') return { report, seconds: seconds() }
      if (!report) throw new Failed(`${name} was deleted before it was there.`, '')
      if (seconds() > timeoutSeconds)
        throw new Failed(
          `${name} is not there after ${timeoutSeconds} s: ${report.failure ?? report.progress}.`,
          'Hotshelf goes on with it: `hotshelf snapshot list` shows it.',
        )
      progress.show(withBar(report.failure ?? report.progress ?? report.status))
      await sleep(betweenLooksMs)
    }
  } finally {
    progress.end()
  }
}
