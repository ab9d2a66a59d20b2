import { editedFile, elasticacheArn, type EngineSetup, type NodeId, type NodePlace } from '@hotshelf/domain'
import { describe, expect, it } from 'vitest'
import { clusterSeedFile, yieldingClaim } from './cluster-seed.ts'
import { parseClusterNodes } from './cluster-nodes.ts'

const placeOf = (position: number): NodePlace => ({
  group: elasticacheArn({ account: '000000000000', region: 'us-east-1' }, 'replicationgroup', 'orders'),
  node: `orders-000${position}-001` as NodeId,
  address: `127.0.10.${position}`,
  port: 6379,
  tlsPort: 6380,
  busPort: 16_379,
  hostname: `127.0.10.${position}`,
  controlSocket: `/data/${position}/control.sock`,
  directory: `/data/${position}`,
  tls: undefined,
})

const [one, two] = [placeOf(1), placeOf(2)]

const setup: EngineSetup = {
  binary: { kind: 'valkey', version: '8.0.1', path: '/x' },
  place: one,
  clusterMode: true,
  transitEncryption: 'off',
  directives: [],
  maxmemoryBytes: 1,
  controlPassword: 'secret',
  access: { mode: 'open' },
  follow: undefined,
  clusterNodeTimeoutMs: 2000,
  clusterSeed: [
    { slots: [{ from: 0, to: 8191 }], nodes: [one] },
    {
      slots: [
        { from: 8192, to: 16_382 },
        { from: 16_383, to: 16_383 },
      ],
      nodes: [two],
    },
  ],
}

const seedOf = (change: Partial<EngineSetup> = {}) => clusterSeedFile({ ...setup, ...change })

describe('the cluster that a new node starts with', () => {
  it('has every node as the replica of a stand-in that owns its slots and has no address', () => {
    const { myId, peers } = parseClusterNodes(seedOf()?.content.split('vars ')[0] ?? '')
    const [firstStandIn, self, secondStandIn, other] = peers
    expect(self).toMatchObject({
      id: myId,
      host: '127.0.10.1',
      role: 'replica',
      primaryId: firstStandIn?.id,
      known: true,
    })
    expect(other).toMatchObject({ host: '127.0.10.2', role: 'replica', primaryId: secondStandIn?.id, known: true })
    expect(firstStandIn).toMatchObject({ host: '', known: false, configEpoch: 1, slots: [{ from: 0, to: 8191 }] })
    expect(secondStandIn).toMatchObject({ host: '', known: false, configEpoch: 2 })
    expect(secondStandIn?.slots).toEqual([
      { from: 8192, to: 16_382 },
      { from: 16_383, to: 16_383 },
    ])
  })

  it('has the same ids whoever of them writes it, and others for another group', () => {
    const ids = (change: Partial<EngineSetup>) => seedOf(change)?.content.match(/^[0-9a-f]{40}(?= )/gm)
    expect(ids({ place: two })).toEqual(ids({}))
    expect(ids({ controlPassword: 'another' })).not.toEqual(ids({}))
  })

  it('is left to the engine once it is there', () => {
    expect(seedOf()).toMatchObject({ name: 'nodes.conf', onlyIfMissing: true })
  })

  it('is not written for one node that joins, nor for a release whose format was not looked at', () => {
    const { clusterSeed: _, ...joining } = setup
    expect(clusterSeedFile(joining)).toBeUndefined()
    expect(seedOf({ clusterMode: false })).toBeUndefined()
    expect(seedOf({ binary: { kind: 'redis', version: '8.2.1', path: '/x' } })).toBeUndefined()
  })
})

describe('the claim of a node that was replaced', () => {
  const nodesFile = (
    newer: string,
  ) => `4c2f 127.0.0.3:6379@16379${newer} slave,nofailover 6e41 0 1795707041851 10 connected
6e41 127.0.0.4:6379@16379${newer} myself,master,nofailover - 0 0 10 connected 5461-10922 [77->-28a3]
28a3 127.0.0.5:6379@16379${newer} master,nofailover - 0 1795707041163 13 connected 10923-16383
vars currentEpoch 13 lastVoteEpoch 0
`
  const edited = (content: string, change: Partial<EngineSetup>) =>
    yieldingClaim({ ...setup, ...change }).reduce(editedFile, content)

  it.each([',,tls-port=0,shard-id=8b9f', ''])('becomes the one it is told, and nothing else changes (%j)', newer => {
    const before = nodesFile(newer)
    const replaced = { configEpoch: 7 }
    expect(edited(before, { replaced })).toBe(before.replace('- 0 0 10 connected 5461', '- 0 0 7 connected 5461'))
    expect(edited(before, {})).toBe(before)
    expect(edited(before, { replaced, clusterMode: false })).toBe(before)
  })
})
