import { Bug, Unavailable } from '@hotshelf/domain'
import { describe, expect, it } from 'vitest'
import { observeCommands, readView } from './observe.ts'

const info = (loading: 0 | 1) =>
  ['valkey_version:8.0.1', 'used_memory:42', `loading:${loading}`, 'role:master', 'master_repl_offset:7'].join('\r\n')
const nodes = 'a1 127.0.0.1:6379@16379 myself,master - 0 0 1 connected 0-16383\n'
const state = 'cluster_state:ok\r\ncluster_current_epoch:9\r\n'
const config = ['maxmemory', '100', 'bind', '127.0.0.1 127.0.0.9']

const request = { clusterMode: true, config: 'config-x', directives: ['maxmemory'] } as const

describe('an observation', () => {
  it('asks for everything at once, and for the cluster only where there is one', () => {
    expect(observeCommands(request).map(([name]) => name)).toEqual(['INFO', 'config-x', 'CLUSTER', 'CLUSTER'])
    expect(observeCommands({ ...request, clusterMode: false })).toEqual([
      ['INFO', 'server', 'memory', 'persistence', 'replication'],
      ['config-x', 'GET', 'bind', 'maxmemory'],
    ])
  })

  it('becomes one view', () => {
    expect(readView(request, [info(0), config, nodes, state])).toMatchObject({
      version: '8.0.1',
      role: 'primary',
      loading: false,
      offset: 7,
      usedMemoryBytes: 42,
      boundAddresses: ['127.0.0.1', '127.0.0.9'],
      directives: { maxmemory: '100' },
      cluster: { myId: 'a1', ok: true, currentEpoch: 9 },
    })
  })

  it('shows `bind` among the directives only to those who asked for it', () => {
    const view = readView({ ...request, directives: ['bind', 'maxmemory'] }, [info(0), config, nodes, state])
    expect(view.directives).toEqual({ bind: '127.0.0.1 127.0.0.9', maxmemory: '100' })
  })

  it('has no cluster while the data set is loading, and is still an answer', () => {
    const refused = { refused: 'LOADING Valkey is loading the dataset in memory' }
    expect(readView(request, [info(1), config, refused, refused])).toMatchObject({ loading: true, cluster: undefined })
  })

  it('is Unavailable when the engine is busy, and a Bug when its answer makes no sense', () => {
    const busy = { refused: 'BUSY Redis is busy running a script.' }
    expect(() => readView(request, [busy, busy, busy, busy])).toThrow(Unavailable)
    expect(() => readView(request, [info(0), config, '', state])).toThrow(Bug)
    expect(() => readView(request, [info(0), { refused: 'NOPERM …' }, nodes, state])).toThrow(Bug)
  })
})
