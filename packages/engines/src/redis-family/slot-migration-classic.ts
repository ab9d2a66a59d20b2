/**
 * Moves slots with SETSLOT and MIGRATE, as every release of Valkey and Redis can. Valkey 9 and Redis 8.4 can also move a
 * slot in one piece by themselves; those commands are not used.
 * The order is the engines' own (`cluster-spec`, "Live resharding"): the target imports, the source migrates, keys go in
 * batches, and only when the source holds none does the target become the owner, then the source is told, then the others.
 * Told in another order, two primaries would both send a client away, or a slot would be claimed while keys are elsewhere.
 * Every step may be repeated, so a move that was cut anywhere is taken up by doing all of it once more.
 */
import { type ControlTarget, slotCount, type SlotMove, type SlotMoveResult, Unavailable } from '@hotshelf/domain'
import { controlUser } from './acl.ts'
import { parseClusterNodes } from './cluster-nodes.ts'
import { unavailable } from './refusals.ts'
import { commandName } from './restricted-commands.ts'
import type { SlotLines, SlotReply, Word } from './slot-line.ts'
import type { NodePace } from './slot-pace.ts'

/** What a move stands on; kept from one move to the next. */
export interface MoveTools {
  lines(target: ControlTarget): SlotLines
  pace(target: ControlTarget): NodePace
  /** True once a node of the group was lost: whoever decides must look first. */
  interrupted(): boolean
  readonly largestItemBytes: number
}

interface Moving {
  readonly move: SlotMove
  readonly tools: MoveTools
  readonly source: SlotLines
  readonly target: SlotLines
  readonly sourceId: string
  readonly targetId: string
  /** Slots that were open before: they are finished, whatever they hold. */
  readonly open: ReadonlySet<number>
  readonly weigh: boolean
  readonly heldBack: SlotMoveResult['heldBack'][number][]
}

/** Opened, moved and closed together: more share the cost of setting states, fewer are open at a time for clients. */
const usedBlock = 24
const idleBlock = 192
const listed = 1000
/** The source serves nobody while it waits for the target: briefly for a target that hangs, longer for one large item. */
const migrateTimeoutMs = 1000
const largeItemTimeoutMs = 10_000

export async function moveSlots(move: SlotMove, tools: MoveTools): Promise<SlotMoveResult> {
  const end = performance.now() + move.budgetMs
  const moving = await prepare(move, tools)
  const [from, to] = [tools.pace(move.source), tools.pace(move.target)]
  let slots = 0
  let keys = 0
  for (let left = slotsIn(move); left.length > 0; ) {
    if (slots > 0 && (performance.now() > end || tools.interrupted())) break
    const size = from.used || to.used ? usedBlock : idleBlock
    const block = await withoutHeavy(moving, left.slice(0, size))
    left = left.slice(size)
    if (block.length === 0) continue
    keys += await moveBlock(moving, block)
    slots += block.length
  }
  return { slots, keys, heldBack: moving.heldBack }
}

async function prepare(move: SlotMove, tools: MoveTools): Promise<Moving> {
  const [source, target] = [tools.lines(move.source), tools.lines(move.target)]
  const [sourceNodes, targetNodes, memory] = await Promise.all([
    source.ask('CLUSTER', 'NODES'),
    target.ask('CLUSTER', 'NODES'),
    source.ask('INFO', 'memory'),
  ])
  const own = parseClusterNodes(text(sourceNodes))
  if (move.newcomer) await copyFunctions(source, target)
  return {
    move,
    tools,
    source,
    target,
    sourceId: own.myId,
    targetId: parseClusterNodes(text(targetNodes)).myId,
    open: new Set(Object.keys(own.migrating).map(Number)),
    // No item can be larger than all of them together.
    weigh: Number(/used_memory:(\d+)/.exec(text(memory))?.[1] ?? 0) > tools.largestItemBytes,
    heldBack: [],
  }
}

function slotsIn({ ranges }: SlotMove): readonly number[] {
  const slots: number[] = []
  for (const { from, to } of ranges) for (let slot = from; slot <= to; slot++) slots.push(slot)
  return slotCount(ranges) === 0 ? [] : slots
}

/** ElastiCache copies functions to new shards from version 7 on; MIGRATE moves none. */
async function copyFunctions(source: SlotLines, target: SlotLines): Promise<void> {
  const dump = await source.ask('FUNCTION', 'DUMP')
  if (!Buffer.isBuffer(dump)) return
  accept('FUNCTION RESTORE', await target.ask('FUNCTION', 'RESTORE', dump, 'REPLACE'))
}

/** Leaves out slots with an item that ElastiCache would not move ("items larger than 256 MB"), unless they are open already. */
async function withoutHeavy(moving: Moving, slots: readonly number[]): Promise<readonly number[]> {
  const { source, tools, open, heldBack, weigh } = moving
  if (!weigh) return slots
  const light: number[] = []
  for (const slot of slots) {
    const heavy = open.has(slot) ? undefined : await heaviest(source, slot)
    if (heavy && heavy.bytes > tools.largestItemBytes) heldBack.push({ slot, ...heavy })
    else light.push(slot)
  }
  return light
}

async function heaviest(source: SlotLines, slot: number): Promise<{ key: string; bytes: number } | undefined> {
  const count = await source.ask('CLUSTER', 'COUNTKEYSINSLOT', String(slot))
  const keys = list(await source.ask('CLUSTER', 'GETKEYSINSLOT', String(slot), String(count)))
  const sizes = await source.all(keys.map(key => ['MEMORY', 'USAGE', key]))
  let most: { key: string; bytes: number } | undefined
  for (const [i, size] of sizes.entries()) {
    if (typeof size === 'number' && size > (most?.bytes ?? 0)) most = { key: String(keys[i]), bytes: size }
  }
  return most
}

async function moveBlock(moving: Moving, block: readonly number[]): Promise<number> {
  await openBlock(moving, block)
  const keys = await drainBlock(moving, block)
  const toTarget = (slot: number) => setSlot(slot, 'NODE', moving.targetId)
  acceptAll('CLUSTER SETSLOT NODE at the target', await moving.target.all(block.map(toTarget)))
  acceptAll('CLUSTER SETSLOT NODE at the source', await moving.source.all(block.map(toTarget)))
  const others = moving.move.others.map(other => moving.tools.lines(other).all(block.map(toTarget)))
  await Promise.allSettled(others)
  return keys
}

const setSlot = (slot: number, ...rest: readonly string[]): readonly Word[] => [
  'CLUSTER',
  'SETSLOT',
  String(slot),
  ...rest,
]

async function openBlock({ source, target, sourceId, targetId }: Moving, block: readonly number[]): Promise<void> {
  const imports = await target.all(block.map(slot => setSlot(slot, 'IMPORTING', sourceId)))
  const owned = new Set<number>()
  for (const [i, reply] of imports.entries()) {
    if (reply instanceof Error && /already the owner/i.test(reply.message)) owned.add(block[i]!)
    else accept('CLUSTER SETSLOT IMPORTING', reply)
  }
  const migrates = await source.all(block.map(slot => setSlot(slot, 'MIGRATING', targetId)))
  for (const [i, reply] of migrates.entries()) {
    const strange = reply instanceof Error && /not the owner/i.test(reply.message)
    if (!strange) accept('CLUSTER SETSLOT MIGRATING', reply)
    else if (!owned.has(block[i]!)) {
      // A third node owns it: to go on would claim the slot while its keys are elsewhere.
      await target.ask(...setSlot(block[i]!, 'STABLE'))
      throw new Unavailable(`slot ${block[i]} is no longer the source's to move`)
    }
  }
}

/** Ends when the source holds no key of these slots: a slot that migrates gets no new ones. */
async function drainBlock(moving: Moving, block: readonly number[]): Promise<number> {
  const { source, tools, move } = moving
  const size = Math.min(tools.pace(move.source).batch, tools.pace(move.target).batch)
  let moved = 0
  for (let left = block; left.length > 0; ) {
    const keysOf = (await source.all(left.map(slot => ['CLUSTER', 'GETKEYSINSLOT', String(slot), String(listed)]))).map(
      list,
    )
    const chunks = keysOf.flatMap(keys => chunksOf(keys, size))
    await migrateAll(moving, together(chunks, size))
    moved += keysOf.reduce((sum, keys) => sum + keys.length, 0)
    left = left.filter((_, i) => (keysOf[i]?.length ?? 0) > 0)
  }
  return moved
}

/** Keys of one slot. */
type Chunk = readonly Buffer[]

/** One MIGRATE may not span slots. */
function chunksOf(keys: Chunk, size: number): readonly Chunk[] {
  return Array.from({ length: Math.ceil(keys.length / size) }, (_, i) => keys.slice(i * size, (i + 1) * size))
}

/** Small slots share a turn: what counts is how many keys an engine is away for. */
function together(chunks: readonly Chunk[], size: number): readonly (readonly Chunk[])[] {
  const groups: Chunk[][] = []
  let room = 0
  for (const chunk of chunks) {
    if (chunk.length > room) {
      groups.push([])
      room = size
    }
    groups.at(-1)?.push(chunk)
    room -= chunk.length
  }
  return groups
}

/** Each when both nodes' paces allow it. Both are asked in one order everywhere: two moves never wait for each other. */
async function migrateAll(moving: Moving, groups: readonly (readonly Chunk[])[]): Promise<void> {
  const { tools, move } = moving
  const ends = [move.source, move.target].toSorted((a, b) => (a.place.controlSocket < b.place.controlSocket ? -1 : 1))
  const [first, second] = ends.map(tools.pace) as [NodePace, NodePace]
  let failed: { readonly error: unknown } | undefined
  await Promise.all(
    groups.map(async group => {
      const leaveFirst = await first.enter()
      const leaveSecond = await second.enter()
      const began = performance.now()
      const results = failed ? [] : group.map(keys => migrate(moving, keys, migrateTimeoutMs))
      await Promise.all(results.map(result => result.catch(error => (failed ??= { error }))))
      // Only what the engines were busy with counts, not what was waited for.
      const spent = performance.now() - began
      leaveSecond(spent)
      leaveFirst(spent)
    }),
  )
  if (failed) throw failed.error
}

async function migrate({ source, target, move }: Moving, keys: readonly Buffer[], timeoutMs: number): Promise<void> {
  const { place, password } = move.target
  // MIGRATE speaks TLS where the cluster bus does; where both ports are served, the bus is encrypted (config-file.ts).
  const port = place.tlsPort ?? place.port
  const name = commandName('migrate', move.source.password)
  const command = (ms: number, ...some: readonly Buffer[]): readonly Word[] => {
    const login = ['AUTH2', controlUser, password]
    return [name, place.address, String(port), '', '0', String(ms), 'REPLACE', ...login, 'KEYS', ...some]
  }
  const reply = await source.ask(...command(timeoutMs, ...keys))
  if (!(reply instanceof Error) || !reply.message.startsWith('IOERR')) return accept('MIGRATE', reply)
  // A target that answers took its time over something large; one that does not ends this with its own error.
  accept('PING', await target.ask('PING'))
  for (const key of keys) accept('MIGRATE', await source.ask(...command(largeItemTimeoutMs, key)))
}

const text = (reply: SlotReply): string => {
  accept('the node', reply)
  return Buffer.isBuffer(reply) ? reply.toString('utf8') : String(reply)
}

const list = (reply: SlotReply | undefined): readonly Buffer[] => {
  if (reply !== undefined) accept('CLUSTER GETKEYSINSLOT', reply)
  return Array.isArray(reply) ? (reply as readonly Buffer[]) : []
}

const acceptAll = (what: string, replies: readonly SlotReply[]): void => {
  for (const reply of replies) accept(what, reply)
}

/** Whatever an engine refuses here may be otherwise after another look: memory is freed, a replica comes back, roles change. */
function accept(what: string, reply: SlotReply): void {
  if (reply instanceof Error) throw unavailable(what, reply.message)
}
