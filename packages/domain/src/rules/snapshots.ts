/** What snapshots and restores need: names, formats that an engine reads, and memory that holds the data. */
import { compareVersions } from '../catalog/engine-versions.ts'
import { fault } from '../faults.ts'
import type { SlotRange } from '../ports/cache-engine.ts'
import { parseSlotRanges, slotCount, subtractSlots, totalSlots } from '../topology/slot-ranges.ts'
import { requireIdentifier } from './identifiers.ts'

/** Dots belong to automatic snapshots: customers cannot make such names. */
export const requireSnapshotName = (member: string, name: string | undefined): string => requireIdentifier(member, name)

interface Program {
  readonly kind: 'valkey' | 'redis' | 'memcached'
  readonly version: string
}

/** The newest format that each release reads: `rdb.h` of each. */
const formats: Readonly<Record<string, readonly (readonly [since: string, format: number])[]>> = {
  redis: [
    ['5.0', 9],
    ['7.0', 10],
    ['7.2', 11],
    ['7.4', 12],
  ],
  valkey: [
    ['7.2', 11],
    ['9.0', 80],
  ],
}

export function newestFormat({ kind, version }: Program): number {
  return (formats[kind] ?? []).findLast(([since]) => compareVersions(version, since) >= 0)?.[1] ?? 0
}

/** Valkey left the numbers of Redis at 11: what Redis called 12 and later, it does not read. */
export const readsFormat = (program: Program, format: number): boolean =>
  program.kind === 'valkey' && format > 11 && format < 80 ? false : format <= newestFormat(program)

export function requireReadable(program: Program, format: number, what: string): void {
  if (readsFormat(program, format)) return
  throw fault(
    'InvalidParameterCombinationException',
    `${what} is in RDB format ${format}, which ${program.kind} ${program.version} cannot read (it reads up to ${newestFormat(program)}).`,
  )
}

export interface WeighedPart {
  /** Undefined: any slot. */
  readonly slots: string | undefined
  readonly usedMemoryBytes: number
}

/** Bytes that each target is going to hold: each part's memory by the share of its slots that the target owns. */
export function memoryOfTargets(
  parts: readonly WeighedPart[],
  targets: readonly (readonly SlotRange[] | undefined)[],
): readonly number[] {
  return targets.map(target => parts.reduce((sum, part) => sum + part.usedMemoryBytes * shareOf(part.slots, target), 0))
}

function shareOf(slots: string | undefined, target: readonly SlotRange[] | undefined): number {
  if (target === undefined) return 1
  const own = slots === undefined ? [{ from: 0, to: totalSlots - 1 }] : parseSlotRanges(slots)
  const count = slotCount(own)
  return count === 0 ? 0 : (count - slotCount(subtractSlots(own, target))) / count
}

/** The wording is ours. */
export function requireRoomFor(neededBytes: number, maxmemoryBytes: number, nodeType: string): void {
  if (neededBytes <= maxmemoryBytes) return
  const megabytes = (bytes: number): number => Math.ceil(bytes / 2 ** 20)
  throw fault(
    'InvalidParameterCombinationException',
    `A node of the snapshot's data needs ${megabytes(neededBytes)} MB, and ${nodeType} has room for ${megabytes(maxmemoryBytes)} MB ` +
      'beside its reserved memory. Choose a larger node type or more node groups.',
  )
}
