import { describe, expect, it } from 'vitest'
import { aContext, aLook, aNode, aView, one, replicaOf, three, two } from '../../tests/looks.ts'
import type { GroupLook, NodeLook } from './observe.ts'
import { planReplicationGroup } from './plan.ts'
import type { RestoreLook } from './restoring.ts'

const job = (changes: Partial<RestoreLook> = {}): RestoreLook => ({
  running: true,
  failures: 0,
  trouble: undefined,
  hopeless: false,
  restMs: 0,
  bytes: 3 << 20,
  fed: new Set(),
  ...changes,
})

function planned(nodes: readonly NodeLook[], restore?: RestoreLook, memory?: GroupLook['memory']) {
  const context = aContext(1, 2)
  const desired = { ...context.desired, restore: { snapshotName: 'daily', snapshot: undefined, parts: [] } }
  return planReplicationGroup({ ...context, desired }, { ...aLook(nodes, memory), ...(restore && { restore }) })
}

const down = { running: false, launched: undefined }
const others = [aNode(two, down), aNode(three, down)]

describe('the plan of a group that is made from a snapshot', () => {
  it('starts the first node to be fed, before any other', () => {
    expect(planned([aNode(one, down), ...others])).toEqual({
      do: 'bring-data',
      nodes: [one],
      why: 'g-001 has not got the data of daily yet',
    })
  })

  it('starts the replicas while the first node loads', () => {
    expect(planned([aNode(one), ...others], job())).toMatchObject({
      do: 'start',
      nodes: [{ node: two }, { node: three }],
    })
  })

  it('says how far the load is', () => {
    expect(planned([aNode(one), replicaOf(two, one), replicaOf(three, one)], job())).toMatchObject({
      do: 'wait',
      why: 'g-001 loads the data of daily, 3 MB of it so far',
    })
  })

  it('waits for one that was given everything and has not loaded all of it', () => {
    const fed = job({ running: false, fed: new Set([one]) })
    expect(planned([aNode(one), replicaOf(two, one), replicaOf(three, one)], fed)).toMatchObject({ do: 'wait' })
  })

  it('begins anew with one that nobody feeds, as after a restart of Hotshelf', () => {
    expect(planned([aNode(one), ...others])).toMatchObject({ do: 'bring-data', nodes: [one] })
    expect(planned([aNode(one), ...others], job({ running: false }))).toMatchObject({ do: 'bring-data', nodes: [one] })
  })

  it('takes no answer of a loading node for an answer', () => {
    const loading = aNode(one, { view: aView(one, { loading: true }) })
    expect(planned([loading, replicaOf(two, one), replicaOf(three, one)], job())).toMatchObject({ do: 'wait' })
    expect(planned([loading, ...others])).toMatchObject({ do: 'bring-data' })
  })

  it('goes on with one that answers: it has everything', () => {
    const loaded = aNode(one, { view: aView(one) })
    expect(planned([loaded, aNode(two, { view: aView(two) }), replicaOf(three, one)])).toMatchObject({ do: 'attach' })
  })

  it('begins anew with one that ended before the group was ever available, after a rest where that failed', () => {
    const loadedOnce = job({ running: false, fed: new Set([one]) })
    expect(planned([aNode(one, down), ...others], loadedOnce)).toMatchObject({ do: 'bring-data', nodes: [one] })
    const resting = job({ running: false, failures: 1, trouble: 'the bucket refuses', restMs: 800 })
    expect(planned([aNode(one, down), ...others], resting)).toMatchObject({
      do: 'wait',
      retryInMs: 800,
      why: 'the data of daily cannot be brought: the bucket refuses; tried again soon',
    })
  })

  it('ends no node for the silence of what feeds it, and one that was stopped', () => {
    const waiting = aNode(one, { verdict: 'lost', silentMs: 60_000 })
    expect(planned([waiting, replicaOf(two, one), replicaOf(three, one)], job())).toMatchObject({ do: 'wait' })
    const stopped = { ...waiting, frozen: true }
    expect(planned([stopped, replicaOf(two, one), replicaOf(three, one)], job())).toMatchObject({
      do: 'fence',
      nodes: [one],
    })
  })

  it('loads nothing once the group was available', () => {
    expect(planned([aNode(one, down), ...others], undefined, aLook([], {}).memory)).toMatchObject({ do: 'start' })
  })
})
