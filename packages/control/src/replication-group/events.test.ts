import { type NodeId, type NodeObserved, type ReplicationGroupObserved, shardId } from '@hotshelf/domain'
import { describe, expect, it } from 'vitest'
import { aContext } from '../../tests/looks.ts'
import { groupEvents } from './events.ts'

const one = 'g-0001-001' as NodeId
const two = 'g-0001-002' as NodeId

function summary(primary: NodeId): ReplicationGroupObserved {
  const node: NodeObserved = {
    status: 'available',
    role: undefined,
    endpoint: undefined,
    program: undefined,
    parametersInSync: true,
    recovering: false,
  }
  return {
    everAvailable: true,
    settled: true,
    failure: undefined,
    nodes: { [one]: node, [two]: node },
    primaryOf: { [shardId(1)]: primary },
    endpoints: { primary: undefined, reader: undefined, configuration: undefined },
    applied: {},
  }
}

describe('what customers are told of a failover', () => {
  const told = (leftNoLog: (node: NodeId) => boolean) =>
    groupEvents(aContext(1, 1), summary(one), summary(two), new Date(0), leftNoLog).map(
      event => `${event.sourceId}: ${event.message}`,
    )

  it('names both nodes, to the new primary and to the group', () => {
    const message = `Failover from primary node ${one} to replica node ${two} completed`
    expect(told(() => false)).toEqual([`${two}: ${message}`, expect.stringContaining(message)])
  })

  it('says what may be lost when a log that held every acknowledged write is gone', () => {
    expect(told(node => node === one).at(-1)).toMatch(
      `The log of ${one} is gone: what it acknowledged and ${two} had not received is lost`,
    )
  })
})

describe('what customers are told of a node that only the operator can bring back', () => {
  const remedy = 'The disk below /nodes/one is full. Free some space, and the node starts on the next try.'
  const withRemedy = (text: string | undefined): ReplicationGroupObserved => {
    const found = summary(one)
    const node: NodeObserved = {
      ...found.nodes[one]!,
      status: 'modifying',
      ...(text !== undefined && { remedy: text }),
    }
    return { ...found, nodes: { ...found.nodes, [one]: node } }
  }
  const told = (before: ReplicationGroupObserved, after: ReplicationGroupObserved) =>
    groupEvents(aContext(1, 1), before, after, new Date(0)).map(event => `${event.sourceId}: ${event.message}`)

  it('names the way out, once', () => {
    expect(told(withRemedy(undefined), withRemedy(remedy))).toEqual([`${one}: Cache node 0001 ended. ${remedy}`])
    expect(told(withRemedy(remedy), withRemedy(remedy))).toEqual([])
    expect(told(withRemedy(remedy), withRemedy(undefined))).toEqual([])
  })

  it('says nothing of a group that is still being made: its failure does', () => {
    const made = { everAvailable: false }
    expect(told({ ...withRemedy(undefined), ...made }, { ...withRemedy(remedy), ...made })).toEqual([])
  })
})
