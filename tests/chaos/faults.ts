/** What goes wrong. Data: the same list from the same seed. Victims are shares of the nodes that run at that moment. */
import type { Accounts } from './accounts.ts'
import type { NodeProcess, World } from './group.ts'
import type { Random } from './random.ts'
import { askOnce, pause } from './wire.ts'

export const faultKinds = ['kill', 'stop', 'pause', 'kill two', 'stop two', 'kill Hotshelf', 'pause Hotshelf'] as const
export type FaultKind = (typeof faultKinds)[number]

export interface Fault {
  readonly kind: FaultKind
  /** Milliseconds after the operation was asked for. */
  readonly at: number
  /** Which of the nodes, from 0 to 1; `primary`: one of the primaries. */
  readonly victim: number
  readonly primary: boolean
  /** How long a pause lasts, or Hotshelf stays away. */
  readonly forMs: number
}

export function randomFault(random: Random, longestMs: number): Fault {
  const kind = random.pick(faultKinds)
  const forMs = kind === 'kill Hotshelf' ? random.below(400) : 100 + random.below(2_900)
  return { kind, at: random.below(longestMs), victim: random.below(1000) / 1000, primary: random.chance(0.5), forMs }
}

/** Carries one out; resolves when nothing of it remains to be done (a pause has ended, Hotshelf runs again). */
export async function inflict(fault: Fault, world: World, id: string, accounts: Accounts): Promise<void> {
  if (fault.kind === 'kill Hotshelf') {
    world.note('fault: kill -9 of Hotshelf')
    await world.killServer()
    await pause(fault.forMs)
    return world.startServer()
  }
  if (fault.kind === 'pause Hotshelf')
    return pauseFor(world, [{ node: 'Hotshelf', pid: world.serverPid ?? 0 }], fault.forMs)
  const all = world.processes(id)
  const victims = await choose(fault, world, id)
  if (victims.length === 0) return world.note(`fault: ${fault.kind} found nobody`)
  const names = victims.map(victim => victim.node).join(' and ')
  if (fault.kind === 'pause') return pauseFor(world, victims, fault.forMs)
  const holders = await dataHolders(world, all)
  world.note(`fault: ${fault.kind} ${names}`)
  for (const { pid } of victims) signal(pid, fault.kind.startsWith('kill') ? 'SIGKILL' : 'SIGSTOP')
  const taken = new Set(victims.map(victim => victim.node))
  // A failover that was asked for ends a primary that is well: between the two looks, whoever was left may be gone as well.
  const before = new Map(all.map(({ node, pid }) => [node, pid]))
  for (const { node, pid } of world.processes(id)) if (before.get(node) === pid) before.delete(node)
  for (const node of before.keys()) taken.add(node)
  for (const [shard, nodes] of holders) {
    if (![...taken].some(node => shardOf(node) === shard) || nodes.some(node => !taken.has(node))) continue
    world.note(`       that was all that held the data of shard ${shard}`)
    accounts.forgive(shard, performance.now())
  }
}

async function pauseFor(world: World, victims: readonly NodeProcess[], forMs: number): Promise<void> {
  world.note(`fault: stop ${victims.map(victim => victim.node).join(' and ')} for ${forMs} ms`)
  for (const { pid } of victims) signal(pid, 'SIGSTOP')
  await pause(forMs)
  for (const { pid } of victims) signal(pid, 'SIGCONT')
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    if (pid > 0) process.kill(pid, name)
  } catch {
    // It ended by itself, or Hotshelf was quicker.
  }
}

export const shardOf = (node: string): string => (/-(\d{4})-\d{3}$/.exec(node) ?? [])[1] ?? '0001'

const rolePatienceMs = 150

/** Undefined also where another process answers: a promoted node stands in on the address of the one that it replaced. */
async function infoOf(world: World, { node, pid }: NodeProcess): Promise<string | undefined> {
  const at = world.addresses.get(node)
  const info = at && (await askOnce(at, rolePatienceMs, 'INFO', 'server', 'replication', 'keyspace'))
  return info?.includes(`process_id:${pid}\r\n`) ? info : undefined
}

async function choose(fault: Fault, world: World, id: string): Promise<readonly NodeProcess[]> {
  const all = world.processes(id).toSorted((a, b) => (a.node < b.node ? -1 : 1))
  if (all.length === 0) return []
  let from = all
  if (fault.primary) {
    const infos = await Promise.all(all.map(process => infoOf(world, process)))
    const primaries = all.filter((_, i) => infos[i]?.includes('role:master'))
    if (primaries.length > 0) from = primaries
  }
  const first = from[Math.floor(fault.victim * from.length)]!
  if (!fault.kind.endsWith('two')) return [first]
  const others = all.filter(other => other !== first)
  const second = others[Math.floor(fault.victim * 7919) % Math.max(1, others.length)]
  return second ? [first, second] : [first]
}

/**
 * Per shard, who holds its data at this moment: a primary that answers, and every replica it sends its stream to. A node that
 * is new, or was started empty, calls itself primary too: it holds no key.
 */
async function dataHolders(
  world: World,
  running: readonly NodeProcess[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const infos = new Map(
    await Promise.all(running.map(async found => [found.node, await infoOf(world, found)] as const)),
  )
  const holders = new Map<string, string[]>([...world.addresses.keys()].map(node => [shardOf(node), []]))
  for (const [node, info] of infos) {
    if (!info) continue
    const inSync = info.includes('role:master') || info.includes('master_link_status:up')
    if (inSync && hasData(node, info, infos, world)) holders.get(shardOf(node))!.push(node)
  }
  return holders
}

/**
 * A replica counts once its primary sends it the stream; before that it holds an older copy, or half of one. It is called
 * online, and its link up, up to a second earlier: its own backlog, which a whole copy empties, fills with the stream.
 */
function hasData(node: string, info: string, infos: ReadonlyMap<string, string | undefined>, world: World): boolean {
  if (info.includes('role:master')) return info.includes('db0:keys=')
  if (!/repl_backlog_histlen:[1-9]/.test(info)) return false
  const address = world.addresses.get(node)!.host
  return [...infos].some(
    ([other, told]) =>
      shardOf(other) === shardOf(node) &&
      told?.includes('role:master') &&
      told.split('\r\n').some(line => line.includes(`ip=${address},`) && line.includes('state=online')),
  )
}
