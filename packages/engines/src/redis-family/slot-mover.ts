/**
 * Keeps what moves of slots share: the lines to each node and its pace. Both are let go a little after the last move, so
 * that a node nobody moves slots to or from has no connection too many.
 */
import type { Arn, ControlTarget, NodePlace, SlotMove, SlotMoveResult } from '@hotshelf/domain'
import { type SlotLines, slotLines } from './slot-line.ts'
import { moveSlots } from './slot-migration-classic.ts'
import { type NodePace, nodePace } from './slot-pace.ts'

export interface SlotMoverOptions {
  readonly largestMovedItemBytes?: number
}

export interface SlotMover {
  move(move: SlotMove): Promise<SlotMoveResult>
  /** Moves within the group end with the block that is open. */
  interrupt(group: Arn): void
  forget(place: NodePlace): void
  close(): void
}

interface Ends {
  readonly lines: SlotLines
  pace: NodePace | undefined
  users: number
  lastUsedAt: number
}

/** ElastiCache: "items with a serialized size greater than 256 MB are not migrated". */
const largestItemBytes = 256 * 1024 * 1024
const keepMs = 3000

export function slotMover(options: SlotMoverOptions): SlotMover {
  const nodes = new Map<string, Ends>()
  const running = new Map<Arn, Set<{ interrupted: boolean }>>()
  let sweep: NodeJS.Timeout | undefined

  function endsOf(target: ControlTarget): Ends {
    const known = nodes.get(target.place.controlSocket)
    if (known && known.lines.target.password === target.password) return known
    const ends = { lines: slotLines(target), pace: undefined, users: 0, lastUsedAt: performance.now() }
    nodes.set(target.place.controlSocket, ends)
    return ends
  }

  const paceOf = (target: ControlTarget): NodePace => {
    const ends = endsOf(target)
    if (!ends.pace || ends.pace.over) ends.pace = nodePace(ends.lines)
    return ends.pace
  }

  function drop(socket: string): void {
    const ends = nodes.get(socket)
    ends?.pace?.stop()
    ends?.lines.close()
    nodes.delete(socket)
  }

  function sweepLater(): void {
    sweep ??= setInterval(() => {
      for (const [socket, ends] of nodes)
        if (ends.users === 0 && performance.now() - ends.lastUsedAt > keepMs) drop(socket)
      if (nodes.size > 0) return
      clearInterval(sweep)
      sweep = undefined
    }, keepMs).unref()
  }

  return {
    async move(move) {
      const { group } = move.source.place
      const used = [move.source, move.target, ...move.others].map(endsOf)
      for (const ends of used) ends.users += 1
      const state = { interrupted: false }
      const states = running.get(group) ?? new Set()
      running.set(group, states.add(state))
      try {
        return await moveSlots(move, {
          lines: target => endsOf(target).lines,
          pace: paceOf,
          interrupted: () => state.interrupted,
          largestItemBytes: options.largestMovedItemBytes ?? largestItemBytes,
        })
      } finally {
        states.delete(state)
        if (states.size === 0) running.delete(group)
        for (const ends of used) {
          ends.users -= 1
          ends.lastUsedAt = performance.now()
        }
        sweepLater()
      }
    },
    interrupt: group => {
      for (const state of running.get(group) ?? []) state.interrupted = true
    },
    forget: place => drop(place.controlSocket),
    close: () => {
      clearInterval(sweep)
      for (const socket of nodes.keys()) drop(socket)
    },
  }
}
