/**
 * Gathers what the findings are made of: asks every node for its INFO and slow log, and samples the keys of every shard on
 * a replica where one is in sync. It changes nothing, and everything it asks is bounded (pace.ts).
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { GroupFacts, Heat, NodeFacts, ShardSample } from './facts.ts'
import { groupedBy } from './grouped-by.ts'
import { databasesIn, type Info, keysIn, latencyEvents, numberIn, parseInfo, slowCommands } from './info.ts'
import { type Command, isRefusal, type NodeAddress, type NodeTalk, talkTo } from './node-talk.ts'
import { sampleOfAShard, shardsAtOnce } from './pace.ts'
import { sampleHeat } from './sample-heat.ts'
import { sampleKeys } from './sample-keys.ts'

export interface GroupPlace {
  readonly id: string
  readonly engine: string
  readonly nodeType: string
  readonly clusterMode: boolean
  readonly parameterGroup: string | undefined
  readonly parameters: ReadonlyMap<string, string>
  readonly nodes: readonly (NodeAddress & { readonly id: string; readonly shard: string })[]
}

export interface LookOptions {
  /** Keys of each shard; undefined: as many as suits the number of shards. */
  readonly sample: number | undefined
  readonly maxSeconds: number
  readonly onProgress: (progress: LookProgress) => void
}

export interface LookProgress {
  readonly shards: number
  readonly shardsDone: number
  readonly keys: number
}

interface OpenNode {
  readonly facts: NodeFacts
  readonly talk: NodeTalk | undefined
}

export async function lookAtGroup(place: GroupPlace, options: LookOptions): Promise<GroupFacts> {
  const began = performance.now()
  let commandsSent = 0
  const nodes = await inParallel(place.nodes, 16, node => openNode(node, count => (commandsSent += count)))
  try {
    const shards = [...groupedBy(nodes, node => node.facts.shard).values()].filter(shard => shard.some(isOpen))
    const samples = await sampleShards(shards, place, options, began + options.maxSeconds * 1000)
    // A rate over less than a second says little.
    await sleep(Math.max(0, 1000 - (performance.now() - began)))
    const seen = await inParallel(nodes, 16, node => askAgain(node, began))
    const { id, engine, nodeType, clusterMode, parameterGroup, parameters } = place
    const seconds = (performance.now() - began) / 1000
    const about = { id, engine, nodeType, clusterMode, parameterGroup, parameters }
    return { ...about, nodes: seen, samples, commandsSent, seconds }
  } finally {
    for (const { talk } of nodes) talk?.close()
  }
}

const isOpen = ({ talk }: OpenNode): boolean => talk !== undefined

async function openNode(node: GroupPlace['nodes'][number], onSent: (count: number) => void): Promise<OpenNode> {
  const nothing = { id: node.id, shard: node.shard, slow: undefined, latency: undefined, opinion: undefined }
  const empty: Info = new Map()
  try {
    const talk = await talkTo(node, onSent)
    try {
      return { talk, facts: { ...nothing, ...(await ask(talk)), later: empty, laterAfterSeconds: 0 } }
    } catch (error) {
      talk.close()
      throw error
    }
  } catch (error) {
    const unreachable = error instanceof Error ? error.message : String(error)
    const facts = { ...nothing, role: 'replica' as const, unreachable, info: empty, later: empty, laterAfterSeconds: 0 }
    return { talk: undefined, facts }
  }
}

async function ask(talk: NodeTalk): Promise<Pick<NodeFacts, 'role' | 'info' | 'slow' | 'latency' | 'opinion'>> {
  const questions: readonly Command[] = [
    ['INFO', 'everything'],
    ['SLOWLOG', 'GET', '128'],
    ['LATENCY', 'LATEST'],
    ['MEMORY', 'DOCTOR'],
  ]
  const [info, slow, latency, opinion] = await talk.ask(questions)
  if (!Buffer.isBuffer(info)) throw new Error(isRefusal(info) ? info.refused : 'INFO was not answered')
  const fields = parseInfo(info.toString('utf8'))
  return {
    role: fields.get('role') === 'master' ? 'primary' : 'replica',
    info: fields,
    slow: slowCommands(slow),
    latency: latencyEvents(latency),
    opinion: Buffer.isBuffer(opinion) ? opinion.toString('utf8').trim() : undefined,
  }
}

async function askAgain({ facts, talk }: OpenNode, began: number): Promise<NodeFacts> {
  if (!talk) return facts
  try {
    const [info] = await talk.ask([['INFO', 'everything']])
    if (!Buffer.isBuffer(info)) return facts
    return { ...facts, later: parseInfo(info.toString('utf8')), laterAfterSeconds: (performance.now() - began) / 1000 }
  } catch {
    return facts
  }
}

async function sampleShards(
  shards: readonly (readonly OpenNode[])[],
  place: GroupPlace,
  { sample, onProgress }: LookOptions,
  until: number,
): Promise<readonly ShardSample[]> {
  const keys = sample ?? sampleOfAShard(shards.length)
  const progress = { shards: shards.length, shardsDone: 0, keys: 0 }
  const onKeys = (count: number) => {
    progress.keys += count
    onProgress({ ...progress })
  }
  let begun = 0
  const found = await inParallel(shards, shardsAtOnce, async shard => {
    // What is left of the time is shared fairly among the shards that still wait for their turn.
    const rounds = Math.ceil((shards.length - begun) / shardsAtOnce)
    begun += 1
    const now = performance.now()
    const mine = await sampleShard(shard, place.clusterMode, { keys, until: now + (until - now) / rounds, onKeys })
    progress.shardsDone += 1
    onProgress({ ...progress })
    return mine
  })
  return found.filter(one => one !== undefined)
}

async function sampleShard(
  shard: readonly OpenNode[],
  clusterMode: boolean,
  bounds: { readonly keys: number; readonly until: number; readonly onKeys: (count: number) => void },
): Promise<ShardSample | undefined> {
  const primary = shard.find(node => node.facts.role === 'primary' && node.talk)
  const replica = shard.find(node => node.talk && node.facts.info.get('master_link_status') === 'up')
  const scanned = replica ?? primary
  if (!scanned?.talk) return undefined
  const { talk, facts } = scanned
  // A replica of a cluster sends everybody to its primary until it is told that old answers will do.
  if (clusterMode && scanned === replica) await talk.ask([['READONLY']])
  const untouched = isUntouched(await talk.ask([['CLIENT', 'NO-TOUCH', 'ON']]))
  const heat = await heatOf(primary ?? scanned, bounds)
  const { keys, ended } = await sampleKeys(talk, databasesIn(facts.info), bounds)
  const keysThere = keysIn(facts.info)
  return { shard: facts.shard, node: facts.id, onReplica: scanned === replica, keysThere, ended, untouched, keys, heat }
}

const isUntouched = ([reply]: readonly unknown[]): boolean => reply === 'OK'

/** May take a third of the time: what keys weigh is the larger question. */
async function heatOf(
  { facts, talk }: OpenNode,
  { keys, until }: { readonly keys: number; readonly until: number },
): Promise<Heat> {
  const now = performance.now()
  const policy = facts.info.get('maxmemory_policy') ?? ''
  const bounds = { keys, until: now + (until - now) / 3, onKeys: () => undefined }
  if (!talk || numberIn(facts.info, 'loading') === 1)
    return { node: facts.id, by: 'idle time', looked: 0, keys: [], idleForADay: 0 }
  const databases = databasesIn(facts.info)
  const heat = await sampleHeat(talk, facts.id, policy, databases, bounds)
  if (databases.length > 1) await talk.ask([['SELECT', '0']])
  return heat
}

async function inParallel<In, Out>(
  items: readonly In[],
  most: number,
  work: (item: In) => Promise<Out>,
): Promise<readonly Out[]> {
  const results: Out[] = []
  const queue = items.entries()
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker))
  return results
}
