/**
 * Memcached without processes or sockets, and the processes behind configuration endpoints: for tests of control. It passes
 * the conformance suite that the real ones pass. The rest is the hand of fate: they start and end, and freeze.
 */
import {
  type EngineFiles,
  type MemcachedEngine,
  type Membership,
  type NodePlace,
  parseMembership,
  renderMembership,
  Unavailable,
} from '@hotshelf/domain'

export interface FakeMemcached {
  readonly engine: MemcachedEngine
  /** The process starts from these files (of `engine.render` or `engine.renderDiscovery`). */
  start(place: NodePlace, files: EngineFiles): void
  /** The process ends; a node forgets everything, a configuration endpoint has its list in its directory. */
  stop(place: NodePlace): void
  /** Its directory goes too. */
  remove(place: NodePlace): void
  freeze(place: NodePlace, frozen: boolean): void
}

interface FakeProcess {
  kind: 'node' | 'discovery'
  running: boolean
  frozen: boolean
  /** Control has a connection to it. */
  connected: boolean
  membership: Membership | undefined
}

const nodeArgument = 'fake-memcached'
const discoveryArgument = 'fake-discovery'
const membershipFile = 'membership'

export function fakeMemcached(version = '1.6.18'): FakeMemcached {
  const processes = new Map<string, FakeProcess>()
  const listeners = new Set<(place: NodePlace) => void>()

  function reach(place: NodePlace, kind: FakeProcess['kind']): FakeProcess {
    const found = processes.get(place.controlSocket)
    if (!found?.running) throw new Unavailable(`node ${place.node}: no connection`)
    if (found.frozen) throw new Unavailable(`node ${place.node}: no answer`)
    if (found.kind !== kind) throw new Unavailable(`node ${place.node}: it answers, but not as a ${kind}`)
    found.connected = true
    return found
  }

  function stop(place: NodePlace): void {
    const found = processes.get(place.controlSocket)
    if (!found?.running) return
    const noticed = found.connected
    Object.assign(found, { running: false, frozen: false, connected: false })
    if (found.kind === 'node') found.membership = undefined
    if (noticed) for (const listener of listeners) listener(place)
  }

  const engine: MemcachedEngine = {
    mostConnections: 10_000,
    render: ({ flags }) => ({ arguments: [nodeArgument, ...flags], files: [] }),
    observe: async place => ({ version, membership: reach(place, 'node').membership }),
    tellNode: async (place, membership) => void (reach(place, 'node').membership = membership),
    renderDiscovery: ({ membership }) => ({
      program: '/fake/discovery',
      arguments: [discoveryArgument],
      files: membership
        ? [{ name: membershipFile, content: renderMembership(membership), onlyIfMissing: true as const }]
        : [],
    }),
    observeDiscovery: async place => reach(place, 'discovery').membership,
    tellDiscovery: async (place, membership) => {
      const found = reach(place, 'discovery')
      if (membership.version < (found.membership?.version ?? 0))
        throw new Unavailable(`node ${place.node}: the list of nodes was not taken: an older list of nodes`)
      found.membership = membership
    },
    onLost: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    forget: place => {
      const found = processes.get(place.controlSocket)
      if (found) found.connected = false
    },
    close: async () => {
      for (const found of processes.values()) found.connected = false
    },
  }

  return {
    engine,
    start: (place, { arguments: [kind], files }) => {
      const known = processes.get(place.controlSocket)
      const written = files.find(file => file.name === membershipFile)
      const discovery = kind === discoveryArgument
      const kept = discovery ? (known?.membership ?? (written && parseMembership(written.content))) : undefined
      processes.set(place.controlSocket, {
        kind: discovery ? 'discovery' : 'node',
        running: true,
        frozen: false,
        connected: false,
        membership: kept,
      })
    },
    stop,
    remove: place => {
      stop(place)
      processes.delete(place.controlSocket)
    },
    freeze: (place, frozen) => {
      const found = processes.get(place.controlSocket)
      if (found?.running) found.frozen = frozen
    },
  }
}
