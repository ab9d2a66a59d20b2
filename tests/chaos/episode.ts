/**
 * The life of one group under faults: it is made, lives through rounds of one operation with faults around it, and is
 * taken away. After every round the oracles speak; the first complaint ends the episode, with what led to it.
 */
import { CreateCacheParameterGroupCommand, ModifyCacheParameterGroupCommand } from '@aws-sdk/client-elasticache'
import { Accounts } from './accounts.ts'
import { type Fault, inflict } from './faults.ts'
import { type Shape, World } from './group.ts'
import { create, declined, type Operation, parameterGroupOf, remove } from './operations.ts'
import { endpointsOf, leftBehind, wrongCluster, wrongNodes, wrongRoles } from './oracles.ts'
import { pause } from './wire.ts'
import { startWriters, type Writers } from './writers.ts'

export interface Round {
  readonly operation: Operation
  readonly faults: readonly Fault[]
  /** Hotshelf is killed by itself after so many effects, counted from before the operation. */
  readonly crashAfterEffect?: number | undefined
}

export interface RoundResult {
  readonly operation: string
  readonly faults: number
  /** Why the operation was not done; such a round is none. */
  readonly skipped: string | undefined
  /** False where the operation took fewer effects than the kill waited for. */
  readonly crashed: boolean
  readonly convergedMs: number
  readonly acknowledged: number
  readonly lost: number
  readonly lostWithShard: number
  readonly complaints: readonly string[]
}

export interface EpisodeOptions {
  readonly shape: Shape
  /** Asked for one by one; undefined ends the life. `before` is the result of the round before. */
  readonly nextRound: (shape: Shape, before: RoundResult | undefined) => Round | undefined
  readonly first: Omit<Round, 'operation'>
  readonly last: Omit<Round, 'operation'>
  readonly convergeWithinMs?: number
  /** Where what it wrote is copied if somebody complains. */
  readonly keepIn?: string
}

export interface EpisodeResult {
  readonly rounds: readonly RoundResult[]
  /** Everything that happened. */
  readonly timeline: readonly string[]
  /** The same with what the server said of it, where somebody complained. */
  readonly story: string
}

const id = 'chaos'
const keys = Array.from({ length: 8 }, (_, position) => `key-${position}`)
const graceForWritesMs = 15_000

class Episode {
  shape: Shape
  readonly accounts = new Accounts()
  #writers: Writers | undefined
  #endpoints = ''
  #turn = 0

  constructor(
    readonly world: World,
    readonly options: EpisodeOptions,
  ) {
    this.shape = options.shape
  }

  async play({ operation, faults, crashAfterEffect }: Round): Promise<RoundResult> {
    const { world, accounts } = this
    const { acknowledged, losses, breaches } = accounts
    const before = { acknowledged, losses: losses.length, breaches: breaches.length }
    const after = operation.after(this.shape) ?? this.shape
    const result = (
      complaints: readonly string[],
      convergedMs: number,
      more: Partial<RoundResult> = {},
    ): RoundResult => {
      const fresh = accounts.losses.slice(before.losses)
      const sum = (wholeShard: boolean) =>
        fresh.filter(loss => loss.wholeShard === wholeShard).reduce((total, loss) => total + loss.writes, 0)
      return {
        operation: operation.name,
        faults: faults.length + (crashAfterEffect === undefined ? 0 : 1),
        skipped: undefined,
        crashed: crashAfterEffect !== undefined,
        convergedMs,
        acknowledged: accounts.acknowledged - before.acknowledged,
        lost: sum(false),
        lostWithShard: sum(true),
        complaints,
        ...more,
      }
    }
    world.note(
      `round: ${operation.name}, ${faults.length} faults${crashAfterEffect === undefined ? '' : `, Hotshelf killed after effect ${crashAfterEffect}`}`,
    )
    if (crashAfterEffect !== undefined) await this.#restart(crashAfterEffect)
    const skipped = await this.#ask(operation, crashAfterEffect)
    if (skipped !== undefined) {
      if (crashAfterEffect !== undefined) await this.#restart()
      return result([], 0, { skipped, faults: 0, crashed: false })
    }
    this.shape = after
    const began = performance.now()
    const crashed = crashAfterEffect === undefined ? false : await this.#awaitCrash(operation)
    await this.#inflictAll(faults)
    const wrong = operation === remove ? await this.#awaitEnd() : await this.#awaitWhole()
    const convergedMs = performance.now() - began
    world.note(`whole again after ${(convergedMs / 1000).toFixed(1)} s`)
    const silent = wrong.length === 0 ? ((await this.#writers?.allWriteAgain(graceForWritesMs)) ?? []) : []
    const complaints = [
      ...wrong,
      ...silent.map(key => `${key} cannot be written although the group is available`),
      ...accounts.breaches.slice(before.breaches),
      ...this.#beyondWindow(before.losses, faults.length + (crashed ? 1 : 0)),
    ]
    for (const loss of accounts.losses.slice(before.losses)) {
      world.note(
        `lost: ${loss.writes} acknowledged writes of ${loss.key}${loss.wholeShard ? ' with the whole shard' : ''}`,
      )
    }
    for (const complaint of complaints) world.note(`COMPLAINT ${complaint}`)
    return result(complaints, convergedMs, { crashed })
  }

  /**
   * A crash during the request may cut its answer; what it asked for stands, or the oracles will say so. A group that is
   * being repaired is asked again, and so is a server that ended over such a repair before it heard the request.
   */
  async #ask(operation: Operation, crashAfterEffect?: number): Promise<string | undefined> {
    const until = performance.now() + this.#bound
    const asking = { world: this.world, id, shape: this.shape, turn: this.#turn++ }
    for (;;) {
      try {
        await operation.ask(asking)
        return undefined
      } catch (error) {
        const reason = declined(error)
        if (reason !== undefined) return reason
        const code = String((error as { code?: string }).code ?? error)
        const unheard = code === 'ECONNREFUSED'
        if (unheard) await this.#restart(crashAfterEffect)
        else if (/ECONN|socket hang up/.test(code)) return undefined
        else if ((error as Error).name !== 'InvalidReplicationGroupStateFault') throw error
        if (performance.now() > until) throw error
        await pause(100)
      }
    }
  }

  /** True when the kill came. Otherwise the operation took fewer effects. */
  async #awaitCrash(operation: Operation): Promise<boolean> {
    const wanted = operation === remove ? 'gone' : 'available'
    const until = performance.now() + this.#bound
    let calm = 0
    while (this.world.serverPid !== undefined && performance.now() < until && calm < 12) {
      calm = (await this.world.status(id)) === wanted ? calm + 1 : 0
      await pause(50)
    }
    const crashed = this.world.serverPid === undefined
    await this.#restart()
    return crashed
  }

  async #restart(crashAfterEffect?: number): Promise<void> {
    await this.world.killServer()
    await this.world.startServer(crashAfterEffect)
  }

  /** Node faults overlap as they come; Hotshelf is killed and started by one hand only. */
  async #inflictAll(faults: readonly Fault[]): Promise<void> {
    let server: Promise<void> = Promise.resolve()
    await Promise.all(
      faults.map(async fault => {
        await pause(fault.at)
        const work = (): Promise<void> => inflict(fault, this.world, id, this.accounts)
        if (!fault.kind.endsWith('Hotshelf')) return work()
        server = server.then(work)
        return server
      }),
    )
  }

  get #bound(): number {
    return this.options.convergeWithinMs ?? 180_000
  }

  async #awaitWhole(): Promise<readonly string[]> {
    const until = performance.now() + this.#bound
    for (;;) {
      const wrong = await this.#whatIsWrong()
      if (wrong.length === 0) return []
      if (performance.now() > until) return [`not whole after ${this.#bound} ms: ${wrong.join('; ')}`]
      await pause(100)
    }
  }

  async #whatIsWrong(): Promise<readonly string[]> {
    const status = await this.world.status(id)
    if (status !== 'available') return [`the group is ${status}`]
    const group = (await this.world.group(id))!
    const endpoints = endpointsOf(group).join(' ')
    this.#endpoints ||= endpoints
    const wrong = [
      ...(endpoints === this.#endpoints ? [] : [`endpoints are ${endpoints}, and were ${this.#endpoints}`]),
      ...(await wrongNodes(this.world, id, this.shape)),
      ...(await wrongRoles(this.world, id)),
      ...(this.shape.clusterMode ? await wrongCluster(this.world, id) : []),
    ]
    // A change between two questions is no contradiction; a status that holds is.
    return wrong.length > 0 || (await this.world.status(id)) === 'available' ? wrong : ['the group changes']
  }

  async #awaitEnd(): Promise<readonly string[]> {
    if (!(await this.world.becomes(id, 'gone', this.#bound))) return [`not deleted after ${this.#bound} ms`]
    return leftBehind(this.world, id)
  }

  /**
   * Asynchronous replication may lose what was in flight: one write of a customer who has one in flight, per fault; and all
   * there is when every node of a shard is taken at once. Durability `sync` excuses neither.
   */
  #beyondWindow(from: number, faults: number): readonly string[] {
    const perKey = new Map<string, number>()
    const sync = this.shape.durability === 'sync'
    for (const loss of this.accounts.losses.slice(from)) {
      if (sync || !loss.wholeShard) perKey.set(loss.key, (perKey.get(loss.key) ?? 0) + loss.writes)
    }
    return [...perKey]
      .filter(([, writes]) => writes > (sync ? 0 : faults))
      .map(
        ([key, writes]) =>
          `${writes} acknowledged writes of ${key} are lost, of which ${sync ? 'none' : faults} could be in flight`,
      )
  }

  async startWriters(): Promise<void> {
    const [endpoint] = endpointsOf((await this.world.group(id))!)
    const colon = endpoint!.lastIndexOf(':')
    const at = { host: endpoint!.slice(0, colon), port: Number(endpoint!.slice(colon + 1)) }
    const { accounts } = this
    this.#writers = startWriters({ endpoint: at, keys, accounts, clusterMode: this.shape.clusterMode })
  }

  async stopWriters(): Promise<void> {
    await this.#writers?.stop()
    this.#writers = undefined
  }
}

async function makeParameterGroup(world: World, shape: Shape): Promise<void> {
  const CacheParameterGroupName = parameterGroupOf(id)
  const CacheParameterGroupFamily = shape.engine === 'valkey' ? 'valkey8' : 'redis7'
  await world.elasticache.send(
    new CreateCacheParameterGroupCommand({ CacheParameterGroupName, CacheParameterGroupFamily, Description: 'chaos' }),
  )
  if (!shape.clusterMode) return
  const ParameterNameValues = [{ ParameterName: 'cluster-enabled', ParameterValue: 'yes' }]
  await world.elasticache.send(new ModifyCacheParameterGroupCommand({ CacheParameterGroupName, ParameterNameValues }))
}

export async function runEpisode(options: EpisodeOptions): Promise<EpisodeResult> {
  const world = await World.open()
  const rounds: RoundResult[] = []
  const failed = (): boolean => (rounds.at(-1)?.complaints.length ?? 0) > 0
  try {
    await world.startServer()
    await makeParameterGroup(world, options.shape)
    const episode = new Episode(world, options)
    rounds.push(await episode.play({ operation: create, ...options.first }))
    if (!failed()) await episode.startWriters()
    while (!failed()) {
      const round = options.nextRound(episode.shape, rounds.at(-1))
      if (!round) break
      rounds.push(await episode.play(round))
    }
    await episode.stopWriters()
    if (failed()) world.keep(options.keepIn)
    if (!failed()) rounds.push(await episode.play({ operation: remove, ...options.last }))
    const events = failed() ? await world.events().catch(() => []) : []
    const story = failed()
      ? [...world.timeline, '--- events', ...events.slice(-60), '--- log', world.log(60)].join('\n')
      : ''
    return { rounds, timeline: world.timeline, story }
  } finally {
    await world.close()
  }
}
