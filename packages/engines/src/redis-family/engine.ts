/**
 * CacheEngine for Valkey and Redis: keeps one control connection per node and turns each port call into a conversation on
 * it. No decisions here; differences between releases are in versions.ts.
 */
import {
  Bug,
  type CacheEngine,
  type ControlTarget,
  type EngineCommand,
  type NodePlace,
  Unavailable,
} from '@hotshelf/domain'
import { type Command, ControlConnection, type Reply } from '../control-connection.ts'
import { setAccess } from './access.ts'
import { controlUser } from './acl.ts'
import { bind } from './bind.ts'
import { dump } from './dump.ts'
import { encrypt } from './encryption.ts'
import * as handOver from './hand-over.ts'
import { renderFiles } from './config-file.ts'
import { type Conversation, conversation, demand } from './conversation.ts'
import { parseInfo, versionIn } from './info.ts'
import { announceable, mergeDirectives } from './live-config.ts'
import { observeCommands, readView } from './observe.ts'
import { textOf } from './refusals.ts'
import { commandName, type RenamedCommand } from './restricted-commands.ts'
import { setPasswords } from './passwords.ts'
import { slotMover } from './slot-mover.ts'
import * as topology from './topology-commands.ts'
import type { FamilyMember } from './versions.ts'

export interface RedisFamilyOptions {
  /** Milliseconds for one observation, connecting included. Default 1000. */
  readonly observeDeadlineMs?: number
  /** Milliseconds for one command with everything it asks, connecting included. Default 3000. */
  readonly performDeadlineMs?: number
  /** Larger items are not moved to another shard. Default: ElastiCache's 256 MB. */
  readonly largestMovedItemBytes?: number
}

type Performers = {
  readonly [D in EngineCommand['do']]: (
    node: Conversation,
    command: Extract<EngineCommand, { readonly do: D }>,
  ) => Promise<void>
}

const performers: Performers = {
  meet: topology.meet,
  forget: topology.forget,
  'add-slots': topology.addSlots,
  'set-config-epoch': topology.setConfigEpoch,
  replicate: topology.replicate,
  follow: topology.follow,
  promote: topology.promote,
  'take-over': topology.takeOver,
  bind,
  configure: async (node, { directives }) => {
    if (directives.length === 0) return
    const pairs = announceable(node.place, mergeDirectives(directives)).flatMap(({ name, value }) => [name, value])
    await demand(node, 'CONFIG SET', [node.name('config'), 'SET', ...pairs])
  },
  'set-access': setAccess,
  'set-passwords': setPasswords,
  'cut-clients': (node, { address, port }) =>
    demand(node, 'CLIENT KILL', ['CLIENT', 'KILL', 'LADDR', `${address}:${port}`]),
  flush: node => demand(node, 'FLUSHALL', ['FLUSHALL', 'ASYNC']),
  'close-slots': async (node, { slots }) => {
    for (const slot of slots) await demand(node, 'CLUSTER SETSLOT', ['CLUSTER', 'SETSLOT', String(slot), 'STABLE'])
  },
  'pause-writes': handOver.pauseWrites,
  'resume-writes': handOver.resumeWrites,
  'catch-up': handOver.catchUp,
  'hand-over': handOver.handOver,
  encrypt,
}

/** What a node said when the connection was made. None of it changes while the process lives, and neither outlives it. */
interface Greeting {
  readonly clusterMode: boolean
  readonly member: FamilyMember
}

const greet = (password: string): readonly Command[] => [
  ['AUTH', controlUser, password],
  ['INFO', 'server', 'cluster'],
  // A customer's `maxmemory-clients` evicts connections; control's is never to be among them.
  ['CLIENT', 'NO-EVICT', 'ON'],
]

function readGreeting([login, reply]: readonly Reply[]): Greeting {
  textOf('login', login)
  const info = parseInfo(textOf('INFO', reply))
  const kind = info.has('valkey_version') ? 'valkey' : 'redis'
  return {
    clusterMode: info.get('cluster_enabled') === '1',
    member: { kind, version: versionIn(info) },
  }
}

interface Line {
  readonly place: NodePlace
  readonly password: string
  readonly connection: ControlConnection<Greeting>
}

export function redisFamilyEngine(options: RedisFamilyOptions = {}): CacheEngine {
  const { observeDeadlineMs = 1_000, performDeadlineMs = 3_000 } = options
  const lines = new Map<string, Line>()
  const listeners = new Set<(place: NodePlace) => void>()
  const mover = slotMover(options)
  listeners.add(place => mover.interrupt(place.group))

  function lineTo({ place, password }: ControlTarget): Line {
    const known = lines.get(place.controlSocket)
    if (known?.password === password) return known
    known?.connection.close()
    const connection = new ControlConnection({
      socket: place.controlSocket,
      greet: greet(password),
      readGreeting,
      onLost: () => {
        for (const listener of listeners) listener(place)
      },
    })
    const line = { place, password, connection }
    lines.set(place.controlSocket, line)
    return line
  }

  const nameFor =
    ({ password }: ControlTarget) =>
    (command: RenamedCommand) =>
      commandName(command, password)

  return {
    render: renderFiles,

    observe: (target, directives) =>
      naming(target, async () => {
        const { connection } = lineTo(target)
        const end = performance.now() + observeDeadlineMs
        const { clusterMode } = await connection.greeting(observeDeadlineMs)
        const request = { clusterMode, config: nameFor(target)('config'), directives }
        const replies = await connection.send(observeCommands(request), Math.max(1, end - performance.now()))
        return readView(request, replies)
      }),

    perform: (target, command) =>
      naming(target, async () => {
        const { connection } = lineTo(target)
        const end = performance.now() + performDeadlineMs
        const { member, clusterMode } = await connection.greeting(performDeadlineMs)
        const about = { place: target.place, member, clusterMode, name: nameFor(target) }
        const node = conversation(about, connection, end - performance.now())
        const perform = performers[command.do] as (node: Conversation, command: EngineCommand) => Promise<void>
        await perform(node, command)
      }),

    ping: (target, deadlineMs) =>
      naming(target, async () => {
        await lineTo(target).connection.send([['PING']], deadlineMs)
      }),

    moveSlots: move => naming(move.source, () => mover.move(move)),
    giveUpMoves: place => mover.forget(place),
    dump,

    onLost: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    forget: place => {
      mover.forget(place)
      lines.get(place.controlSocket)?.connection.close()
      lines.delete(place.controlSocket)
    },

    close: async () => {
      mover.close()
      for (const { connection } of lines.values()) connection.close()
      lines.clear()
    },
  }
}

/** Says in every error which node it was. */
async function naming<T>({ place }: ControlTarget, talk: () => Promise<T>): Promise<T> {
  try {
    return await talk()
  } catch (error) {
    if (error instanceof Unavailable) {
      throw new Unavailable(`${place.node}: ${error.message}`, error.retryInMs, { cause: error.cause })
    }
    throw error instanceof Bug ? new Bug(`${place.node}: ${error.message}`) : error
  }
}
