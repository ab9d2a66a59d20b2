import {
  type Arn,
  type EngineView,
  evenSlots,
  formatSlotRanges,
  type NodeId,
  nodeId,
  type ReplicationGroupDesired,
  type ReplicationGroupObserved,
  type ReplicationGroupRow,
  shardId,
} from '@hotshelf/domain'
import { describe, expect, it } from 'vitest'
import type { GroupContext } from './context.ts'
import type { GroupLook, NodeLook } from './observe.ts'
import { planReplicationGroup } from './plan.ts'
import type { StepOf } from './steps.ts'

const arn = 'arn:aws:elasticache:us-east-1:000000000000:replicationgroup:g' as Arn

/** A desired group: `shards` of one primary and `replicas`. */
function aContext(shards: number, replicas: number, changes: Partial<GroupContext> = {}): GroupContext {
  const clusterMode = shards > 1
  const desired: ReplicationGroupDesired = {
    id: 'g',
    description: '',
    engine: 'valkey',
    engineVersion: '8.0',
    nodeType: 'cache.t4g.micro',
    clusterMode: clusterMode ? 'enabled' : 'disabled',
    shards: evenSlots(shards).map((slots, s) => ({
      id: shardId(s + 1),
      slots: clusterMode ? formatSlotRanges([slots]) : undefined,
      nodes: Array.from({ length: replicas + 1 }, (_, n) => ({
        id: nodeId('g', shardId(s + 1), n + 1, clusterMode),
        availabilityZone: 'us-east-1a',
        rebootGeneration: 0,
        createdAt: '2026-01-01T00:00:00Z',
      })),
    })),
    port: 6379,
    parameterGroup: 'default.valkey8',
    subnetGroup: undefined,
    securityGroupIds: [],
    automaticFailover: true,
    multiAz: false,
    transitEncryption: 'off',
    atRestEncryption: false,
    kmsKeyId: undefined,
    authToken: false,
    authTokenVersion: 0,
    userGroupIds: [],
    maintenanceWindow: 'mon:05:00-mon:06:00',
    snapshotRetentionDays: 0,
    snapshotWindow: '03:00-04:00',
    snapshottingNode: undefined,
    notificationTopicArn: undefined,
    autoMinorVersionUpgrade: true,
    logDelivery: [],
    dataTiering: false,
    networkType: 'ipv4',
    ipDiscovery: 'ipv4',
    durability: undefined,
    targetPrimary: {},
  }
  const row: ReplicationGroupRow = {
    arn,
    kind: 'replication-group',
    name: 'g',
    account: '000000000000',
    region: 'us-east-1',
    generation: 1,
    desired,
    pending: undefined,
    createdAt: new Date(0),
    deleteRequestedAt: undefined,
    observation: undefined,
  }
  return {
    row,
    desired,
    engine: { ok: true, binary: { kind: 'valkey', version: '8.0.1', path: '/usr/bin/valkey-server' } },
    directives: { file: [], live: [], refusable: [] },
    maxmemoryBytes: 1,
    controlPassword: 'p',
    access: { mode: 'open' },
    directivesDigest: 'd1',
    accessDigest: 'a1',
    startDigest: 's1',
    pendingIsDue: false,
    ...changes,
  }
}

const addressOf = (node: NodeId): string =>
  `127.80.0.${Number(node.slice(-3)) + 10 * Number(/-(\d{4})-/.exec(node)?.[1] ?? 0)}`

function aNode(node: NodeId, changes: Partial<NodeLook> = {}): NodeLook {
  return {
    group: arn,
    node,
    place: {
      group: arn,
      node,
      address: addressOf(node),
      port: 6379,
      tlsPort: undefined,
      busPort: 16379,
      hostname: addressOf(node),
      controlSocket: `/sockets/${node}`,
      directory: `/nodes/${node}`,
      tls: undefined,
    },
    running: true,
    frozen: false,
    pid: 1,
    launched: { digest: 'x', labels: { access: 'a1', directives: 'd1' }, at: new Date(0) },
    exit: undefined,
    view: undefined,
    silentMs: 0,
    silence: undefined,
    ...changes,
  }
}

function aView(node: NodeId, changes: Partial<EngineView> = {}): EngineView {
  return {
    version: '8.0.1',
    role: 'primary',
    loading: false,
    offset: 0,
    following: undefined,
    followers: [],
    boundAddresses: [addressOf(node)],
    directives: {},
    cluster: undefined,
    usedMemoryBytes: 1,
    ...changes,
  }
}

const endpoint = (role: 'primary' | 'reader', address: string) => ({
  role,
  address,
  port: 6379,
  hostname: address,
  targets: undefined,
})

function aLook(nodes: readonly NodeLook[], memory?: Partial<ReplicationGroupObserved>): GroupLook {
  return {
    nodes: new Map(nodes.map(node => [node.node, node])),
    endpoints: [endpoint('primary', '127.80.9.1'), endpoint('reader', '127.80.9.2')],
    endpointKind: 'bind',
    memory: memory && {
      everAvailable: true,
      settled: true,
      failure: undefined,
      nodes: {},
      primaryOf: {},
      endpoints: { primary: undefined, reader: undefined, configuration: undefined },
      applied: {},
      ...memory,
    },
  }
}

const [one, two, three] = ['g-001', 'g-002', 'g-003'] as [NodeId, NodeId, NodeId]
const replicaOf = (node: NodeId, primary: NodeId, changes: Partial<EngineView> = {}): NodeLook =>
  aNode(node, {
    view: aView(node, {
      role: 'replica',
      following: { host: addressOf(primary), port: 6379, linkUp: true },
      ...changes,
    }),
  })
const primaryWith = (node: NodeId, followers: readonly NodeId[], bound: readonly string[] = []): NodeLook =>
  aNode(node, {
    view: aView(node, {
      followers: followers.map(f => ({ host: addressOf(f), port: 6379, online: true, offset: 0, lagSeconds: 0 })),
      boundAddresses: [addressOf(node), ...bound],
    }),
  })
const remembering = (primary: NodeId): Partial<ReplicationGroupObserved> => ({ primaryOf: { [shardId(1)]: primary } })

describe('the plan of a replication group, cluster mode disabled', () => {
  it('places every node and endpoint before anything starts', () => {
    const step = planReplicationGroup(aContext(1, 2), { ...aLook([]), endpoints: [] })
    expect(step).toMatchObject({ do: 'place', nodes: [one, two, three], endpoints: ['primary', 'reader'] })
  })

  it('starts every missing node in one step', () => {
    const down = { running: false, launched: undefined }
    const step = planReplicationGroup(aContext(1, 2), aLook([aNode(one, down), aNode(two, down), aNode(three, down)]))
    expect(step).toMatchObject({ do: 'start', nodes: [{ node: one }, { node: two }, { node: three }] })
    expect((step as StepOf<'start'>).nodes.every(item => item.follow === undefined)).toBe(true)
  })

  it('waits for a node that runs and does not answer', () => {
    const step = planReplicationGroup(aContext(1, 1), aLook([aNode(one, { view: aView(one) }), aNode(two)]))
    expect(step).toMatchObject({ do: 'wait', why: 'g-002 is running and does not answer yet' })
  })

  it('points replicas at the first node of a new group', () => {
    const nodes = [one, two, three].map(node => aNode(node, { view: aView(node) }))
    expect(planReplicationGroup(aContext(1, 2), aLook(nodes))).toEqual({
      do: 'attach',
      replicas: [
        { node: two, other: one },
        { node: three, other: one },
      ],
      why: 'g-002, g-003 does not follow its primary',
    })
  })

  it('gives the endpoints to the primary and to a replica in sync, and then rests', () => {
    const nodes = [primaryWith(one, [two, three]), replicaOf(two, one), replicaOf(three, one)]
    const step = planReplicationGroup(aContext(1, 2), aLook(nodes))
    expect(step).toMatchObject({
      do: 'bind',
      moves: [
        { node: one, addresses: [addressOf(one), '127.80.9.1'] },
        { node: two, addresses: [addressOf(two), '127.80.9.2'] },
      ],
    })
    const bound = [
      primaryWith(one, [two, three], ['127.80.9.1']),
      replicaOf(two, one, { boundAddresses: [addressOf(two), '127.80.9.2'] }),
      replicaOf(three, one),
    ]
    expect(planReplicationGroup(aContext(1, 2), aLook(bound))).toBeUndefined()
  })

  it('promotes the replica that holds most of the stream before it restarts the lost primary', () => {
    const nodes = [
      aNode(one, { running: false, exit: 'killed by signal 9' }),
      replicaOf(two, one, { offset: 100 }),
      replicaOf(three, one, { offset: 300 }),
    ]
    expect(planReplicationGroup(aContext(1, 2), aLook(nodes, remembering(one)))).toMatchObject({
      do: 'promote',
      node: three,
      lost: one,
    })
  })

  it('waits for a silent replica before a lost primary comes back empty, though not for ever', () => {
    const gone = (goneMs: number) => [
      aNode(one, { running: false, exit: 'killed by signal 9', goneMs }),
      aNode(two, { silentMs: goneMs }),
    ]
    expect(planReplicationGroup(aContext(1, 1), aLook(gone(5000), remembering(one)))).toMatchObject({
      do: 'wait',
      why: 'g-002 may hold the data of g-001, and does not answer yet',
    })
    const context = aContext(1, 1)
    const manual = { ...context, desired: { ...context.desired, automaticFailover: false } }
    for (const step of [
      planReplicationGroup(context, aLook(gone(10_000), remembering(one))),
      planReplicationGroup(manual, aLook(gone(5000), remembering(one))),
    ])
      expect(step).toMatchObject({ do: 'start', nodes: [{ node: one, follow: undefined }] })
  })

  describe('under sync', () => {
    const context = aContext(1, 1)
    const sync = { ...context, desired: { ...context.desired, durability: 'sync' as const } }
    const seen = (logged: boolean) => {
      const common = { status: 'available', endpoint: undefined, program: undefined, parametersInSync: true } as const
      const node = { ...common, role: 'primary', recovering: false, logged } as const
      return { ...remembering(one), nodes: { [one]: node } }
    }
    const files = ['appendonlydir', 'appendonlydir/appendonly.aof.manifest']
    const gone = (kept: readonly string[]) => [
      aNode(one, { running: false, files: kept }),
      replicaOf(two, one, { offset: 9 }),
    ]

    it('starts a lost primary again from its log, whoever was asked for meanwhile', () => {
      const asked = { ...sync, desired: { ...sync.desired, targetPrimary: { [shardId(1)]: two } } }
      for (const wanted of [sync, asked]) {
        expect(planReplicationGroup(wanted, aLook(gone(files), seen(true)))).toMatchObject({
          do: 'start',
          nodes: [{ node: one, follow: undefined }],
        })
      }
    })

    it('promotes when the log is gone, or never held the whole data, or less is asked for', () => {
      for (const [wanted, kept, logged] of [
        [sync, [], true],
        [sync, files, false],
        [context, files, true],
      ] as const) {
        const step = planReplicationGroup(wanted, aLook(gone(kept), seen(logged)))
        expect(step).toMatchObject({ do: 'promote', node: two, lost: one })
      }
    })

    it('is not ready while the log of the primary is only starting', () => {
      const nodes = (log: 'starting' | 'on') => {
        const primary = primaryWith(one, [two], ['127.80.9.1'])
        return [
          { ...primary, view: { ...primary.view!, log } },
          replicaOf(two, one, { boundAddresses: [addressOf(two), '127.80.9.2'] }),
        ]
      }
      expect(planReplicationGroup(sync, aLook(nodes('starting'), seen(false)))).toMatchObject({ do: 'wait' })
      expect(planReplicationGroup(sync, aLook(nodes('starting'), seen(true)))).toBeUndefined()
      expect(planReplicationGroup(sync, aLook(nodes('on'), seen(false)))).toBeUndefined()
    })
  })

  it('brings a lost primary back as a replica of the promoted node, once clients are served', () => {
    const nodes = [
      aNode(one, { running: false, exit: 'killed' }),
      primaryWith(two, [three], ['127.80.9.1']),
      replicaOf(three, two, { boundAddresses: [addressOf(three), '127.80.9.2'] }),
    ]
    expect(planReplicationGroup(aContext(1, 2), aLook(nodes, remembering(one)))).toMatchObject({
      do: 'start',
      nodes: [{ node: one, follow: two }],
    })
  })

  it('moves the endpoints before it repairs anything', () => {
    const nodes = [aNode(one, { running: false }), primaryWith(two, [three]), replicaOf(three, two)]
    expect(planReplicationGroup(aContext(1, 2), aLook(nodes, remembering(two)))).toMatchObject({ do: 'bind' })
  })

  it('does not promote while the primary still runs, however silent', () => {
    const nodes = [aNode(one, { silentMs: 60_000 }), replicaOf(two, one)]
    const step = planReplicationGroup(aContext(1, 1), aLook(nodes, remembering(one)))
    expect(step).toMatchObject({ do: 'wait', why: 'g-001 is running and does not answer yet' })
  })

  it('leaves the reader endpoint where it is while nobody better is there', () => {
    const nodes = [aNode(one), replicaOf(two, one, { boundAddresses: [addressOf(two), '127.80.9.2'] })]
    expect(planReplicationGroup(aContext(1, 1), aLook(nodes, remembering(one)))?.do).toBe('wait')
  })

  it('ends a stopped process before anybody takes its role', () => {
    const nodes = [aNode(one, { frozen: true, silentMs: 2500, verdict: 'lost' }), replicaOf(two, one)]
    expect(planReplicationGroup(aContext(1, 1), aLook(nodes, remembering(one)))).toMatchObject({
      do: 'fence',
      nodes: [one],
    })
  })

  it('restarts the primary in place where automatic failover is off', () => {
    const context = aContext(1, 1)
    const off = { ...context, desired: { ...context.desired, automaticFailover: false } }
    const nodes = [
      aNode(one, { running: false }),
      replicaOf(two, one, { boundAddresses: [addressOf(two), '127.80.9.2'] }),
    ]
    const step = planReplicationGroup(off, aLook(nodes, remembering(one)))
    expect(step).toMatchObject({ do: 'start', nodes: [{ node: one, follow: undefined }] })
  })

  it('gives changed parameters and credentials to running nodes only once', () => {
    const bound = [
      primaryWith(one, [two], ['127.80.9.1']),
      replicaOf(two, one, { boundAddresses: [addressOf(two), '127.80.9.2'] }),
    ]
    const changed = aContext(1, 1, { directivesDigest: 'd2' })
    expect(planReplicationGroup(changed, aLook(bound))).toMatchObject({ do: 'configure', nodes: [one, two] })
    const applied = Object.fromEntries(
      [one, two].map(node => [node, { startedAt: new Date(0).toISOString(), access: 'a1', directives: 'd2' }]),
    )
    expect(planReplicationGroup(changed, aLook(bound, { ...remembering(one), applied }))).toBeUndefined()
  })

  it('retires every node of a deleted group, then the group, whatever state it is in', () => {
    const context = aContext(1, 2)
    const deleted = { ...context, row: { ...context.row, deleteRequestedAt: new Date() } }
    const nodes = [aNode(one, { running: false }), aNode(two), primaryWith(three, [])]
    expect(planReplicationGroup(deleted, aLook(nodes))).toMatchObject({ do: 'retire', nodes: [one, two, three] })
    expect(planReplicationGroup(deleted, aLook([]))).toMatchObject({ do: 'remove-group' })
  })

  it('says what is missing where no installed engine can serve the version', () => {
    const context = aContext(1, 0, { engine: { ok: false, message: 'valkey 9.0 is not installed; install it' } })
    expect(planReplicationGroup(context, aLook([]))).toMatchObject({
      do: 'wait',
      why: 'valkey 9.0 is not installed; install it',
    })
  })
})

describe('the plan of a replication group, cluster mode enabled', () => {
  const ids = ['g-0001-001', 'g-0001-002', 'g-0002-001', 'g-0002-002'] as NodeId[]
  const clusterId = (node: NodeId): string => `id-${node}`
  const fresh = (node: NodeId): NodeLook =>
    aNode(node, { view: aView(node, { directives: {}, cluster: clusterViewOf(node, [node]) }) })
  function clusterViewOf(node: NodeId, known: readonly NodeId[], changes: object = {}) {
    return {
      myId: clusterId(node),
      ok: false,
      currentEpoch: 0,
      migrating: {},
      importing: {},
      peers: known.map(peer => ({
        id: clusterId(peer),
        host: addressOf(peer),
        port: 6379,
        busPort: 16379,
        role: 'primary' as const,
        primaryId: undefined,
        known: true,
        health: 'ok' as const,
        linkUp: true,
        configEpoch: 0,
        slots: [],
      })),
      ...changes,
    }
  }

  it('follows the latest claim to a shard: an old primary that comes back does not know of its successor yet', () => {
    const [old, successor, other] = ids as [NodeId, NodeId, NodeId]
    const first = [{ from: 0, to: 8191 }]
    const claims = new Map([
      [old, { epoch: 1, slots: first }],
      [successor, { epoch: 5, slots: first }],
      [other, { epoch: 2, slots: [{ from: 8192, to: 16383 }] }],
    ])
    // Each tells its own claim; 001 has heard nothing, and claims as many slots as 002.
    const nodes = ids.map(node => {
      const peers = clusterViewOf(node, ids).peers.map(peer => {
        const claim = peer.id === clusterId(node) ? claims.get(node) : undefined
        return { ...peer, configEpoch: claim?.epoch ?? 0, slots: claim?.slots ?? [] }
      })
      return aNode(node, { view: aView(node, { directives: {}, cluster: clusterViewOf(node, ids, { peers }) }) })
    })
    const look = {
      ...aLook(nodes),
      endpoints: [{ ...endpoint('primary', '127.80.9.1'), role: 'configuration' as const }],
    }
    expect(planReplicationGroup(aContext(2, 1), look)).toMatchObject({
      do: 'attach',
      replicas: [
        { node: old, other: successor },
        { node: ids[3], other },
      ],
    })
  })

  it('introduces strangers, gives epochs and hands out slots in one step', () => {
    const look = {
      ...aLook(ids.map(fresh)),
      endpoints: [{ ...endpoint('primary', '127.80.9.1'), role: 'configuration' as const }],
    }
    const step = planReplicationGroup(aContext(2, 1), look)
    expect(step).toMatchObject({
      do: 'form',
      epochs: ids.map((node, i) => ({ node, epoch: i + 1 })),
      slots: [
        { node: ids[0], ranges: [{ from: 0, to: 8191 }] },
        { node: ids[2], ranges: [{ from: 8192, to: 16383 }] },
      ],
    })
    const pairs = (step as StepOf<'form'>).meet.map(pair => [pair.node, pair.other].toSorted().join())
    expect(new Set(pairs).size).toBe(pairs.length)
    expect(pairs).toContain([ids[0], ids[1]].toSorted().join())
    expect(pairs).toContain([ids[0], ids[2]].toSorted().join())
  })

  it('does not meet again while a handshake runs', () => {
    const met = ids.map(node =>
      aNode(node, {
        view: aView(node, {
          cluster: clusterViewOf(node, ids, {
            peers: clusterViewOf(node, ids).peers.map(p => ({
              ...p,
              known: p.id === clusterId(node),
              slots: p.id === clusterId(ids[0]!) ? [{ from: 0, to: 16383 }] : [],
            })),
          }),
        }),
      }),
    )
    const look = {
      ...aLook(met),
      endpoints: [{ ...endpoint('primary', '127.80.9.1'), role: 'configuration' as const }],
    }
    expect(planReplicationGroup(aContext(2, 1), look)).toMatchObject({
      do: 'wait',
      why: 'g-0001-001 sees 0 of 3 peers',
    })
  })
})
