import { shardId } from '@hotshelf/domain'
import { describe, expect, it } from 'vitest'
import {
  aContext,
  addressOf,
  aNode,
  aView,
  one,
  two,
  three,
  aLook,
  replicaOf,
  primaryWith,
  remembering,
} from '../../tests/looks.ts'
import { planReplicationGroup } from './plan.ts'
import type { StepOf } from './steps.ts'

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

  it('has one of two nodes that swap their endpoints let go first', () => {
    const swapped = [
      replicaOf(one, two, { boundAddresses: [addressOf(one), '127.80.9.1'] }),
      primaryWith(two, [one], ['127.80.9.2']),
    ]
    expect(planReplicationGroup(aContext(1, 1), aLook(swapped, remembering(two)))).toMatchObject({
      do: 'bind',
      moves: [
        { node: one, addresses: [addressOf(one)] },
        { node: two, addresses: [addressOf(two), '127.80.9.1'] },
        { node: one, addresses: [addressOf(one), '127.80.9.2'] },
      ],
    })
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

  it('starts nobody as primary while the remembered one runs and is silent, not even who was asked for', () => {
    const context = aContext(1, 1)
    const asked = { ...context, desired: { ...context.desired, targetPrimary: { [shardId(1)]: two } } }
    const nodes = [aNode(one, { silentMs: 200 }), aNode(two, { running: false, exit: 'killed by signal 9' })]
    expect(planReplicationGroup(asked, aLook(nodes, remembering(one)))).toMatchObject({
      do: 'start',
      nodes: [{ node: two, follow: one }],
    })
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

  it.each([
    ['copies it', { linkUp: true, receiving: false }],
    ['has lost it', { linkUp: false, receiving: true }],
  ])('lets a stopped primary go on for a while when its only replica just %s', (_, link) => {
    const following = { host: addressOf(one), port: 6379, ...link }
    const stopped = (silentMs: number) => aNode(one, { frozen: true, silentMs, verdict: 'lost' })
    const plan = (silentMs: number) =>
      planReplicationGroup(
        aContext(1, 1),
        aLook([stopped(silentMs), replicaOf(two, one, { following })], remembering(one)),
      )
    expect(plan(2_500)?.do).toBe('wait')
    expect(plan(10_000)).toMatchObject({ do: 'fence', nodes: [one] })
  })

  it('lets a stopped replica go on for a while where it may hold the last copy, and only there', () => {
    const plan = (primary: ReturnType<typeof aNode>, silentMs: number, context = aContext(1, 1)) =>
      planReplicationGroup(
        context,
        aLook([primary, aNode(two, { frozen: true, silentMs, verdict: 'lost' })], remembering(one)),
      )
    const gone = aNode(one, { running: false, goneMs: 2_500 })
    const fences = { do: 'fence', nodes: [two] }
    expect(plan(gone, 2_500)?.do).toBe('wait')
    expect(plan(gone, 10_000)).toMatchObject(fences)
    // Beside a primary that serves it is no more than a replica, and a log on disk outlives the process.
    expect(plan(primaryWith(one, [], ['127.80.9.1', '127.80.9.2']), 2_500)).toMatchObject(fences)
    const context = aContext(1, 1)
    const logged = { ...context, desired: { ...context.desired, durability: 'async' as const } }
    expect(plan(gone, 2_500, logged)).toMatchObject(fences)
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

  it('tells nodes that answer who may log in before it brings others back', () => {
    const changed = aContext(1, 1, { accessDigest: 'a2' })
    const look = aLook(
      [primaryWith(one, [], ['127.80.9.1', '127.80.9.2']), aNode(two, { running: false })],
      remembering(one),
    )
    expect(planReplicationGroup(changed, look)).toMatchObject({ do: 'set-access', nodes: [one] })
  })

  it('renews a certificate that ends soon, and has a newer one read once', () => {
    const bound = (certificate: { readonly writtenAt: Date; readonly due: boolean }) => [
      { ...primaryWith(one, [two], ['127.80.9.1']), certificate },
      replicaOf(two, one, { boundAddresses: [addressOf(two), '127.80.9.2'] }),
    ]
    const old = { writtenAt: new Date(0), due: false }
    expect(planReplicationGroup(aContext(1, 1), aLook(bound(old)))).toBeUndefined()
    expect(planReplicationGroup(aContext(1, 1), aLook(bound({ ...old, due: true })))).toMatchObject({
      do: 'renew-certificates',
      nodes: [one],
    })
    const newer = { writtenAt: new Date(5000), due: false }
    expect(planReplicationGroup(aContext(1, 1), aLook(bound(newer)))).toMatchObject({ do: 'renew-certificates' })
    const given = { startedAt: new Date(0).toISOString(), access: 'a1', directives: 'd1' }
    const applied = { [one]: { ...given, certificate: newer.writtenAt.toISOString() } }
    expect(planReplicationGroup(aContext(1, 1), aLook(bound(newer), { ...remembering(one), applied }))).toBeUndefined()
  })

  it('retires every node of a deleted group, then the group, whatever state it is in', () => {
    const context = aContext(1, 2)
    const deleted = { ...context, row: { ...context.row, deleteRequestedAt: new Date() } }
    const nodes = [aNode(one, { running: false }), aNode(two), primaryWith(three, [])]
    expect(planReplicationGroup(deleted, aLook(nodes))).toMatchObject({ do: 'retire', nodes: [one, two, three] })
    expect(planReplicationGroup(deleted, aLook([]))).toMatchObject({ do: 'remove-group' })
  })

  it('lets a node leave once its final snapshot is there, unless it serves as primary by then', () => {
    const bound = [
      primaryWith(one, [two], ['127.80.9.1']),
      replicaOf(two, one, { boundAddresses: [addressOf(two), '127.80.9.2'] }),
    ]
    const plan = (node: typeof one, why: string | undefined) =>
      planReplicationGroup(aContext(1, 1, { leaving: new Map([[node, why]]) }), aLook(bound))
    expect(plan(two, 'the final snapshot last is not there yet')).toMatchObject({
      do: 'wait',
      why: 'the final snapshot last is not there yet',
    })
    expect(plan(two, undefined)).toMatchObject({ do: 'release-nodes', nodes: [two], staying: [] })
    expect(plan(one, undefined)).toMatchObject({ do: 'release-nodes', nodes: [], staying: [one] })
  })

  it('says what is missing where no installed engine can serve the version', () => {
    const context = aContext(1, 0, { engine: { ok: false, message: 'valkey 9.0 is not installed; install it' } })
    expect(planReplicationGroup(context, aLook([]))).toMatchObject({
      do: 'wait',
      why: 'valkey 9.0 is not installed; install it',
    })
  })
})
