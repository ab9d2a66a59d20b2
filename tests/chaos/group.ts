/** Hotshelf as a process that may be killed, and the one group that a chaos episode is about, as customers and `/proc` see them. */
import { cpSync } from 'node:fs'
import {
  DescribeCacheClustersCommand,
  DescribeEventsCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  type ReplicationGroup,
} from '@aws-sdk/client-elasticache'
import {
  dispose,
  freePort,
  freshDataDir,
  type Hotshelf,
  launchHotshelf,
  processesIn,
  waitUntilReady,
} from '@hotshelf/testkit'
import { type At, pause } from './wire.ts'

export interface Shape {
  readonly name: string
  readonly engine: 'valkey' | 'redis'
  readonly shards: number
  readonly replicas: number
  readonly clusterMode: boolean
  /** `disabled` unless said otherwise. Under `sync` no acknowledged write may be lost, whatever ends. */
  readonly durability?: 'sync'
}

export interface NodeProcess {
  readonly node: string
  readonly pid: number
}

/** Not a measure of Hotshelf: the machine may be busy with other things. */
const readyWithinMs = 180_000

export class World {
  readonly dataDir = freshDataDir()
  readonly elasticache: ElastiCacheClient
  readonly #port: number
  readonly #began = performance.now()
  readonly timeline: string[] = []
  #server: Hotshelf | undefined
  /** Where each member was last seen: it keeps its address for life. */
  readonly addresses = new Map<string, At>()

  private constructor(port: number) {
    this.#port = port
    this.elasticache = new ElastiCacheClient({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'chaos', secretAccessKey: 'chaos' },
      maxAttempts: 1,
    })
  }

  static async open(): Promise<World> {
    return new World(await freePort())
  }

  note(what: string): void {
    this.timeline.push(
      `${new Date().toISOString()} ${((performance.now() - this.#began) / 1000).toFixed(2).padStart(8)} s  ${what}`,
    )
  }

  get serverPid(): number | undefined {
    const child = this.#server?.process
    return child && child.exitCode === null && child.signalCode === null ? child.pid : undefined
  }

  /** Starts Hotshelf, to end by itself after so many effects where that is asked. */
  async startServer(crashAfterEffect?: number): Promise<void> {
    const environment: Record<string, string> =
      crashAfterEffect === undefined ? {} : { HOTSHELF_CRASH_AFTER_EFFECT: String(crashAfterEffect) }
    const server = await launchHotshelf({ dataDir: this.dataDir, port: this.#port, environment })
    this.#server = server
    void server.ended.then(({ signal }) => this.note(`Hotshelf ended (${signal ?? 'by itself'})`))
    // One that is to crash may do so before it is ready: repairs begin at once.
    if (!(await waitUntilReady(server, readyWithinMs)) && crashAfterEffect === undefined) {
      const how =
        this.serverPid === undefined ? `ended (${server.process.exitCode ?? server.process.signalCode})` : 'runs'
      throw new Error(`Hotshelf did not become ready and ${how}:\n${server.output()}`)
    }
    this.note(`Hotshelf runs${crashAfterEffect === undefined ? '' : `, until its effect ${crashAfterEffect}`}`)
  }

  async killServer(): Promise<void> {
    await this.#server?.kill()
  }

  /** Copies everything that nodes and server wrote, for whoever looks for the cause of a complaint. */
  keep(directory: string | undefined): void {
    if (directory !== undefined)
      cpSync(this.dataDir, directory, { recursive: true, filter: path => !path.endsWith('.sock') })
  }

  /** What the present server wrote last. */
  log(lines: number): string {
    return this.#server?.output().split('\n').slice(-lines).join('\n') ?? ''
  }

  async group(id: string): Promise<ReplicationGroup | undefined> {
    const command = new DescribeReplicationGroupsCommand({ ReplicationGroupId: id })
    return (await this.elasticache.send(command)).ReplicationGroups?.[0]
  }

  /** Asked of a server that may be dying: undefined while nobody answers. */
  async status(id: string): Promise<string | undefined> {
    try {
      return (await this.group(id))?.Status
    } catch (error) {
      return (error as Error).name === 'ReplicationGroupNotFoundFault' ? 'gone' : undefined
    }
  }

  async becomes(id: string, wanted: string, withinMs: number): Promise<boolean> {
    const until = performance.now() + withinMs
    while ((await this.status(id)) !== wanted) {
      if (performance.now() > until) return false
      await pause(25)
    }
    return true
  }

  /** Members and where each is reached, as the API tells it. */
  async members(id: string): Promise<ReadonlyMap<string, At>> {
    const command = new DescribeCacheClustersCommand({ ShowCacheNodeInfo: true })
    const found = new Map<string, At>()
    for (const { CacheClusterId, ReplicationGroupId, CacheNodes } of (await this.elasticache.send(command))
      .CacheClusters ?? []) {
      const { Address: host, Port: port } = CacheNodes?.[0]?.Endpoint ?? {}
      if (ReplicationGroupId === id && CacheClusterId && host && port) found.set(CacheClusterId, { host, port })
    }
    for (const [node, at] of found) this.addresses.set(node, at)
    return found
  }

  async events(): Promise<readonly string[]> {
    const { Events } = await this.elasticache.send(new DescribeEventsCommand({ Duration: 60 }))
    return (Events ?? []).map(event => `${event.Date?.toISOString() ?? ''} ${event.SourceIdentifier}: ${event.Message}`)
  }

  processes(id: string): readonly NodeProcess[] {
    return processesIn(this.dataDir)
      .filter(found => found.directory.includes(`/${id}/`))
      .map(({ pid, directory }) => ({ pid, node: directory.split('/').at(-1)! }))
  }

  async close(): Promise<void> {
    if (this.#server) await dispose(this.#server)
  }
}
