/**
 * A machine in memory on which nodes are placed, started, killed and frozen, without processes or files: for tests of
 * control. It passes the conformance suite of real node providers, and can carry fake engines, which then live and die
 * with its nodes.
 */
import {
  Bug,
  type NodeLaunch,
  type NodePlace,
  type NodeProvider,
  type NodeRef,
  type ObservedNode,
  type PlaceRequest,
  Unavailable,
} from '@hotshelf/domain'

/** What runs inside the nodes; `fakeEngines()` fits. */
export interface FakeProcesses {
  start(place: NodePlace, files: NodeLaunch): void
  /** All of the data that it reads from its pipe. */
  feed?(place: NodePlace, data: Uint8Array): void
  stop(place: NodePlace): void
  remove(place: NodePlace): void
  freeze(place: NodePlace, frozen: boolean): void
  /** In the directory of a node, by their paths in it. */
  files?(place: NodePlace): readonly string[]
}

export interface FakeMachine {
  /** A controller's view. Opening another one is a controller that comes back: it finds everything as it is. */
  open(): NodeProvider
  /** Ends a node from outside. */
  kill(node: NodeRef): void
  freeze(node: NodeRef, frozen: boolean): void
  /** From now on starts of this node (of all, without one) end at once for this reason; undefined mends it. */
  breakStarts(reason: string | undefined, node?: NodeRef): void
  /** What the node took from its pipe since it was started, whole or not. */
  fed(node: NodeRef): Uint8Array | undefined
  /** True while a node runs there. */
  accepts(place: NodePlace): boolean
  /** Every call that changed something, in order: `start orders-001`. */
  readonly history: readonly string[]
}

interface FakeNode {
  place: NodePlace
  readonly request: PlaceRequest
  launch: (NodeLaunch & { readonly at: Date }) | undefined
  pid: number | undefined
  frozen: boolean
  exit: string | undefined
  subjects: ReadonlySet<string>
  fed: Uint8Array | undefined
}

const noProcesses: FakeProcesses = { start: () => {}, stop: () => {}, remove: () => {}, freeze: () => {} }

/** `now`: the clock that `launched.at` is taken from. */
export function fakeMachine(processes: FakeProcesses = noProcesses, now: () => Date = () => new Date()): FakeMachine {
  const nodes = new Map<string, FakeNode>()
  const listeners = new Set<(node: NodeRef) => void>()
  const broken = new Map<string, string>()
  const history: string[] = []
  let placed = 0
  let pids = 1000

  const required = (ref: NodeRef): FakeNode => {
    const node = nodes.get(keyOf(ref))
    if (!node) throw new Bug(`${ref.node} of ${ref.group} has no place`)
    return node
  }
  const end = (node: FakeNode, why: string): void => {
    if (node.pid === undefined) return
    node.pid = undefined
    node.frozen = false
    node.exit = why
    processes.stop(node.place)
    const { group, node: name } = node.place
    for (const listener of listeners) listener({ group, node: name })
  }
  const run = (node: FakeNode, launch: NodeLaunch): void => {
    node.launch = { ...launch, at: now() }
    node.exit = broken.get(keyOf(launch)) ?? broken.get('') ?? missing(launch.program)
    if (node.exit !== undefined) return
    node.pid = ++pids
    node.fed = undefined
    try {
      processes.start(node.place, launch)
    } catch (error) {
      node.pid = undefined
      node.exit = String(error)
    }
  }
  const provider: NodeProvider = {
    observe: async group =>
      seen(
        [...nodes.values()].filter(({ place }) => place.group === group),
        processes,
      ),
    everything: async () => seen([...nodes.values()], processes),
    place: async request => {
      const known = nodes.get(keyOf(request))
      const position = known ? undefined : placed++
      const place = known ? encrypted(known.place, request) : newPlace(request, position ?? 0)
      if (known) known.place = place
      else {
        history.push(`place ${request.node}`)
        nodes.set(keyOf(request), { ...neverStarted, request, place })
      }
      return place
    },
    certify: async (ref, subjects) => {
      const node = required(ref)
      node.subjects = new Set([...node.subjects, ...subjects])
    },
    start: async launch => {
      const node = required(launch)
      if (node.pid !== undefined && node.launch?.digest === launch.digest) return
      history.push(`start ${launch.node}`)
      end(node, 'It was stopped on request.')
      run(node, launch)
    },
    stop: async (ref, how) => {
      const node = nodes.get(keyOf(ref))
      if (node?.pid === undefined) return
      history.push(`stop ${ref.node} ${how}`)
      end(node, 'It was stopped on request.')
    },
    cutOff: async ref => {
      const node = nodes.get(keyOf(ref))
      if (node?.pid === undefined) return
      history.push(`cut off ${ref.node}`)
      end(node, 'It was stopped on request.')
    },
    remove: async ref => {
      const node = nodes.get(keyOf(ref))
      if (!node) return
      history.push(`remove ${ref.node}`)
      end(node, 'It was stopped on request.')
      nodes.delete(keyOf(ref))
      processes.remove(node.place)
    },
    feed: async (ref, content, signal) => {
      const node = required(ref)
      const { pid } = node
      if (pid === undefined || node.launch?.pipe === undefined)
        throw new Unavailable(`${ref.node} was not started to be fed`)
      const taken: Uint8Array[] = []
      try {
        for await (const chunk of content) {
          signal.throwIfAborted()
          if (node.pid !== pid) throw new Unavailable(`${ref.node} ended before it had read all of its data`)
          taken.push(chunk)
          node.fed = Buffer.concat(taken)
        }
        signal.throwIfAborted()
      } catch (error) {
        if (node.pid === pid) end(node, 'Its data ended too early.')
        throw error
      }
      history.push(`feed ${ref.node}`)
      node.fed = Buffer.concat(taken)
      processes.feed?.(node.place, node.fed)
    },
    onExit: listener => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  return {
    open: () => {
      listeners.clear()
      return provider
    },
    kill: ref => end(required(ref), 'It was killed from outside (SIGKILL).'),
    freeze: (ref, frozen) => {
      const node = required(ref)
      if (node.pid === undefined) return
      node.frozen = frozen
      processes.freeze(node.place, frozen)
    },
    breakStarts: (reason, ref) => {
      const key = ref ? keyOf(ref) : ''
      if (reason === undefined) broken.delete(key)
      else broken.set(key, reason)
    },
    fed: ref => required(ref).fed,
    accepts: place => nodes.get(keyOf(place))?.pid !== undefined,
    history,
  }
}

const neverStarted = {
  launch: undefined,
  pid: undefined,
  frozen: false,
  exit: undefined,
  subjects: new Set<string>(),
  fed: undefined,
} as const

const keyOf = ({ group, node }: NodeRef): string => `${group} ${node}`

const missing = (program: string): string | undefined =>
  program.startsWith('/nowhere/')
    ? `The engine's program ${program} does not exist. Install it, or name another.`
    : undefined

const seen = (nodes: readonly FakeNode[], { files }: FakeProcesses): readonly ObservedNode[] =>
  nodes
    .map(({ place, pid, frozen, launch, exit }) => ({
      group: place.group,
      node: place.node,
      place,
      running: pid !== undefined,
      frozen,
      pid,
      launched: launch && { digest: launch.digest, labels: launch.labels, at: launch.at },
      exit,
      ...(pid === undefined && files && { files: files(place) }),
    }))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))

function newPlace(request: PlaceRequest, position: number): NodePlace {
  const { group, node, port } = request
  const address = `127.63.${Math.floor(position / 254)}.${1 + (position % 254)}`
  const directory = `/fake/${request.groupName}/${node}`
  const busPort = port + 10_000 <= 65_535 ? port + 10_000 : 16_379
  const controlSocket = `${directory}/control.sock`
  const plain = { group, node, address, port, busPort, hostname: address, controlSocket, directory }
  return encrypted({ ...plain, tlsPort: undefined, tls: undefined }, request)
}

function encrypted(place: NodePlace, { transitEncryption }: PlaceRequest): NodePlace {
  const file = (name: string) => `${place.directory}/${name}`
  const tls = { certificate: file('node.crt'), key: file('node.key'), authority: '/fake/ca.crt' }
  const tlsPort = place.port < 65_535 ? place.port + 1 : place.port - 1
  return {
    ...place,
    tlsPort: transitEncryption === 'preferred' ? tlsPort : undefined,
    tls: transitEncryption === 'off' ? undefined : tls,
  }
}
