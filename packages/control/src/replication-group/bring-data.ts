/**
 * Brings the data of snapshots to the nodes that load it. Where a part has exactly the slots of a shard it is passed on as it
 * is; otherwise all parts are read once, and every key goes to the shard that owns its slot. A file is there whole or not at
 * all, so whatever is cut is begun again.
 */
import {
  type Arn,
  type Clock,
  BadData,
  type DataFormat,
  formatSlotRanges,
  normaliseSlots,
  type NodeId,
  type NodeProvider,
  parseSlotRanges,
  type ReplicationGroupDesired,
  type RestorePart,
  type SlotRange,
  type SnapshotStorage,
  type Store,
  subtractSlots,
  slotCount,
} from '@hotshelf/domain'
import { openStored } from '../snapshot/stored-parts.ts'
import type { JobHandle } from '../snapshot/jobs.ts'
import { channel } from '../runtime/channel.ts'
import { dataFile, loaderOf } from './rules/restore.ts'

export interface BringOptions {
  readonly store: Store
  readonly clock: Clock
  readonly provider: NodeProvider
  readonly format: DataFormat
  readonly storage: SnapshotStorage
  /** Opens a customer's own file, named by its URI. */
  readonly openSeed?: ((uri: string) => Promise<AsyncIterable<Uint8Array>>) | undefined
  readonly onEffect: (name: string) => void
}

interface Target {
  readonly node: NodeId
  readonly slots: readonly SlotRange[] | undefined
}

export async function bringData(
  options: BringOptions,
  group: { readonly arn: Arn; readonly desired: ReplicationGroupDesired },
  nodes: readonly NodeId[],
  { signal, onBytes }: JobHandle,
): Promise<void> {
  const restore = group.desired.restore
  if (!restore) return
  const targets = group.desired.shards
    .filter(shard => nodes.includes(loaderOf(shard)))
    .map(shard => ({
      node: loaderOf(shard),
      slots: shard.slots === undefined ? undefined : parseSlotRanges(shard.slots),
    }))
  let total = 0
  const open = async (part: RestorePart): Promise<AsyncIterable<Uint8Array>> => {
    const content = await openPart(options, restore.snapshot, part)
    return passing(content, signal, bytes => onBytes((total += bytes)))
  }
  const deliver = (node: NodeId, content: AsyncIterable<Uint8Array>): Promise<void> =>
    options.provider.deliver({ group: group.arn, node }, dataFile, content)
  const divided: Target[] = []
  for (const target of targets) {
    const same =
      restore.parts.length === 1 && target.slots === undefined
        ? restore.parts[0]
        : partWith(restore.parts, target.slots)
    if (!same) divided.push(target)
    else await deliver(target.node, await open(same))
    if (same) options.onEffect('data:brought')
  }
  if (divided.length === 0) return
  await divide(
    options,
    restore.parts.filter(part => concerns(part, divided)),
    divided,
    open,
    deliver,
  )
  options.onEffect('data:brought')
}

const partWith = (parts: readonly RestorePart[], slots: readonly SlotRange[] | undefined): RestorePart | undefined =>
  slots && parts.find(part => part.slots !== undefined && sameSlots(parseSlotRanges(part.slots), slots))

const sameSlots = (a: readonly SlotRange[], b: readonly SlotRange[]): boolean =>
  formatSlotRanges(normaliseSlots(a)) === formatSlotRanges(normaliseSlots(b))

function concerns({ slots }: RestorePart, targets: readonly Target[]): boolean {
  if (slots === undefined) return true
  const own = parseSlotRanges(slots)
  return targets.some(target => !target.slots || slotCount(subtractSlots(own, target.slots)) < slotCount(own))
}

async function divide(
  { format }: BringOptions,
  parts: readonly RestorePart[],
  targets: readonly Target[],
  open: (part: RestorePart) => Promise<AsyncIterable<Uint8Array>>,
  deliver: (node: NodeId, content: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<void> {
  const channels = targets.map(() => channel())
  const delivering = targets.map((target, index) => deliver(target.node, channels[index]!.content))
  // One that cannot take its file must not keep the others waiting for ever.
  for (const [index, one] of delivering.entries()) one.catch((error: unknown) => channels[index]!.refuse(error))
  const sources: AsyncIterable<Uint8Array>[] = parts.map(part => lazily(() => open(part)))
  try {
    await format.divide(sources, targets, (target, bytes) => channels[target]!.push(bytes))
    for (const one of channels) one.end()
  } catch (error) {
    for (const one of channels) one.fail(error)
    await Promise.allSettled(delivering)
    throw error
  }
  await Promise.all(delivering)
}

async function* lazily(open: () => Promise<AsyncIterable<Uint8Array>>): AsyncGenerator<Uint8Array> {
  yield* await open()
}

async function* passing(
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  onBytes: (count: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    signal.throwIfAborted()
    onBytes(chunk.length)
    yield chunk
  }
}

async function openPart(
  options: BringOptions,
  snapshot: Arn | undefined,
  { from, bytes, sha256 }: RestorePart,
): Promise<AsyncIterable<Uint8Array>> {
  if (from.kind === 'file') {
    if (!options.openSeed) throw new BadData(`${from.uri} cannot be read here`)
    return options.openSeed(from.uri)
  }
  if (snapshot === undefined || bytes === undefined || sha256 === undefined)
    throw new BadData('it is not known which snapshot the part is of')
  return openStored(options, { snapshot, ...from, bytes, sha256 })
}
