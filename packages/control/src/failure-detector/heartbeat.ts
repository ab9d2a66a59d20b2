/**
 * Asks every running node again and again whether it is there, over control's own connection, and rings for a group as
 * soon as one of its nodes owes an answer for too long. Deaths need no heartbeat: their sockets close. This is for what
 * closes nothing: a process that is stopped, or hangs.
 * Invariant: at most one PING of a node is in flight. A busy node gets no second one, and its late answer still counts.
 */
import type { Arn, CacheEngine, ControlTarget, NodeProvider } from '@hotshelf/domain'
import { type Patience, verdictOn } from './verdict.ts'

export interface Heartbeat {
  /** From now on these nodes of the group, and no others of it. */
  watch(group: Arn, targets: readonly ControlTarget[]): void
  forget(group: Arn): void
  /** How long the node has owed an answer; 0 when it owes none. */
  silentMs(target: ControlTarget): number
  /** True while a PING is overdue: asking more would only wait for the same thing. */
  isOverdue(target: ControlTarget): boolean
  stop(): void
}

export interface HeartbeatOptions {
  readonly engine: Pick<CacheEngine, 'ping' | 'giveUpMoves'>
  readonly provider: Pick<NodeProvider, 'observe'>
  readonly patience: Patience
  readonly ring: (group: Arn) => void
  readonly now: () => number
}

interface Watched {
  readonly target: ControlTarget
  /** When the oldest unanswered PING was sent. */
  askedAt: number | undefined
  inFlight: boolean
  rung: boolean
}

/** A connection attempt or a lost socket ends a PING early; one that hangs is held this long, and its answer still counts. */
const longestPingMs = 60_000

/** With very many nodes each is asked less often, so that all of them together cost about one percent of a core. */
const leastGapMs = 5

export function heartbeat(options: HeartbeatOptions): Heartbeat {
  const { engine, now, patience } = options
  const groups = new Map<Arn, Map<string, Watched>>()
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  const find = ({ place }: ControlTarget): Watched | undefined => groups.get(place.group)?.get(place.controlSocket)
  const silence = (node: Watched): number => (node.askedAt === undefined ? 0 : now() - node.askedAt)

  async function ask(node: Watched): Promise<void> {
    node.inFlight = true
    node.askedAt ??= now()
    try {
      await engine.ping(node.target, longestPingMs)
      // Whoever waited for a silent node can go on.
      if (node.rung) options.ring(node.target.place.group)
      node.askedAt = undefined
      node.rung = false
    } catch {
      // Not answered: the silence goes on, and the next beat asks anew.
    } finally {
      node.inFlight = false
    }
  }

  async function judge(group: Arn, silent: readonly Watched[]): Promise<void> {
    const seen = new Map((await options.provider.observe(group)).map(node => [node.place.controlSocket, node]))
    for (const node of silent) {
      const found = seen.get(node.target.place.controlSocket)
      if (!found || node.rung) continue
      const verdict = verdictOn({ ...found, silentMs: silence(node), workedMs: undefined }, patience)
      if (verdict !== 'lost' && verdict !== 'gone') continue
      node.rung = true
      // A turn that waits for it keeps the next one from taking its role away.
      engine.giveUpMoves(node.target.place)
      options.ring(group)
    }
  }

  function beat(): void {
    for (const [group, nodes] of groups) {
      const silent = [...nodes.values()].filter(node => silence(node) >= periodMs() / 2)
      if (silent.some(node => !node.rung)) judge(group, silent).catch(() => {})
      for (const node of nodes.values()) if (!node.inFlight) void ask(node)
    }
    schedule()
  }

  const periodMs = (): number => {
    const count = [...groups.values()].reduce((sum, nodes) => sum + nodes.size, 0)
    return Math.max(patience.pingPeriodMs, count * leastGapMs)
  }

  function schedule(): void {
    timer = groups.size > 0 && !stopped ? setTimeout(beat, periodMs()).unref() : undefined
  }

  return {
    watch(group, targets) {
      const before = groups.get(group)
      const next = new Map<string, Watched>()
      for (const target of targets) {
        const key = target.place.controlSocket
        next.set(key, before?.get(key) ?? { target, askedAt: undefined, inFlight: false, rung: false })
      }
      groups.set(group, next)
      if (!timer) schedule()
    },
    forget: group => void groups.delete(group),
    silentMs: target => {
      const node = find(target)
      return node ? silence(node) : 0
    },
    isOverdue: target => {
      const node = find(target)
      return node !== undefined && node.inFlight && silence(node) >= patience.pingPeriodMs / 2
    },
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
