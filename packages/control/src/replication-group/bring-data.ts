/**
 * Feeds the data of snapshots to the nodes that load it. Where a part has exactly the slots of a shard it is passed on as it
 * is; otherwise all parts are read once, and every key goes to the shard that owns its slot. A node that is not fed to the
 * end finds its data cut, ends, and is begun again.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Arn,
  type Clock,
  BadData,
  type DataFormat,
  formatSlotRanges,
  normaliseSlots,
  type NodeId,
  type NodeProvider,
  type NodeRef,
  parseSlotRanges,
  type ReplicationGroupDesired,
  type RestorePart,
  type SlotRange,
  type SnapshotStorage,
  type Store,
  subtractSlots,
  slotCount,
  Unavailable,
} from '@hotshelf/domain'
import { openStored } from '../snapshot/stored-parts.ts'
import type { JobHandle } from '../snapshot/jobs.ts'
import { channel } from '../runtime/channel.ts'
import { forEach } from './performers/turn.ts'
import { loaderOf } from './rules/restore.ts'

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
  { signal, onBytes, onFed }: JobHandle & { readonly onFed: (node: NodeId) => void },
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
  const feed = async (node: NodeId, content: AsyncIterable<Uint8Array>): Promise<void> => {
    await feedNode(options.provider, { group: group.arn, node }, content, signal)
    onFed(node)
    options.onEffect('data:brought')
  }
  const partFor = ({ slots }: Target): RestorePart | undefined =>
    restore.parts.length === 1 && slots === undefined ? restore.parts[0] : partWith(restore.parts, slots)
  const divided = targets.filter(target => !partFor(target))
  const whole = targets.flatMap(target => {
    const part = partFor(target)
    return part ? [{ ...target, part }] : []
  })
  const feeding = whole.map(async ({ node, part }) => feed(node, await open(part)))
  const concerned = restore.parts.filter(part => concerns(part, divided))
  if (divided.length > 0) feeding.push(divide(options, concerned, divided, open, feed))
  // Every node gets as far as it can, also where another's data cannot be had.
  await forEach(feeding, one => one)
}

/** A node that ends while it is fed has said why; where its data is cut, that says nothing. */
async function feedNode(
  provider: NodeProvider,
  ref: NodeRef,
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  let isCut = false
  async function* noted(): AsyncGenerator<Uint8Array> {
    try {
      yield* content
    } catch (error) {
      isCut = true
      throw error
    }
  }
  try {
    await provider.feed(ref, noted(), signal)
  } catch (error) {
    const exit = isCut || signal.aborted ? undefined : await exitOf(provider, ref)
    throw exit === undefined ? error : new Unavailable(`${ref.node}: ${exit}`, undefined, { cause: error })
  }
}

const endMs = 2000

/** It closes its end of the pipe before it is gone. */
async function exitOf(provider: NodeProvider, { group, node }: NodeRef): Promise<string | undefined> {
  for (const until = performance.now() + endMs; performance.now() < until; await sleep(20)) {
    const found = (await provider.observe(group)).find(seen => seen.node === node)
    if (!found?.running) return found?.exit
  }
  return undefined
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
  feed: (node: NodeId, content: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<void> {
  const channels = targets.map(() => channel())
  const feeding = targets.map((target, index) => feed(target.node, channels[index]!.content))
  // One that cannot take its data must not keep the others waiting for ever.
  for (const [index, one] of feeding.entries()) one.catch((error: unknown) => channels[index]!.refuse(error))
  const sources: AsyncIterable<Uint8Array>[] = parts.map(part => lazily(() => open(part)))
  try {
    await format.divide(sources, targets, (target, bytes) => channels[target]!.push(bytes))
    for (const one of channels) one.end()
  } catch (error) {
    for (const one of channels) one.fail(error)
    await Promise.allSettled(feeding)
    throw error
  }
  await Promise.all(feeding)
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
