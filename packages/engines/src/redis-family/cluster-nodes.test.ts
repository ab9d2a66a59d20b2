import { describe, expect, it } from 'vitest'
import { parseClusterNodes } from './cluster-nodes.ts'

/** As Valkey 8.0.1 wrote it: names, a peer in handshake, one that was replaced, one that failed, open slots. */
const valkey = `12794e0172b58c68f8a7a05afe60bbaa115e144e 127.78.195.3:6379@16379 master,nofailover - 0 1795474420855 3 connected 10923-16383
0177e1863c0ec6614014b2bb80e89b94789c76e8 127.78.195.2:6379@16379,two.example master,fail,nofailover - 1795474418531 1795474418228 2 disconnected 5461-10922
fe2733f83d7570f4afd1d94b1efb9f08ccd3963f 127.78.195.4:6379@16379,four.example slave,nofailover d3d97b82d3ac4ae4cb953650686c99ff09a3fdf4 0 1795474420755 1 connected
50735209bd593ec060a58c3935683eea92f3e4ed 127.255.1.1:6379@16379 handshake - 0 0 0 disconnected
d3d97b82d3ac4ae4cb953650686c99ff09a3fdf4 127.78.195.1:6379@16379,one.example myself,master,nofailover - 0 0 1 connected 0-99 200 300-5460 [93->-0177e1863c0ec6614014b2bb80e89b94789c76e8] [7777-<-0177e1863c0ec6614014b2bb80e89b94789c76e8]
be63f48aec1b57e5c7e385a077d25a7a094cd264 :0@0 master,fail,noaddr,nofailover - 1795474418531 1795474418228 5 disconnected
`

/** As Redis 7.0.15 wrote it on a replica, with one primary under suspicion. */
const redis = `045f6a922e741ad4691cd6046296c082f0366070 127.78.195.6:6379@16379,one.example master,nofailover - 0 1795474425550 1 connected 0-99 200 300-5460
9be4d4ea164b517d55adf7763e65b2c265a90138 127.78.195.9:6379@16379,four.example myself,slave,nofailover 045f6a922e741ad4691cd6046296c082f0366070 0 1795474425000 1 connected
228fbdb4d5458d0c0d58c67e3c6fac330c2e5a9c 127.78.195.7:6379@16379,two.example master,fail?,nofailover - 1795474423316 1795474423013 2 disconnected 5461-10922
`

describe('CLUSTER NODES', () => {
  it('tells who everybody is, and who is not a member', () => {
    const { myId, peers } = parseClusterNodes(valkey)
    expect(myId).toBe('d3d97b82d3ac4ae4cb953650686c99ff09a3fdf4')
    expect(peers.map(({ host, role, known, health, linkUp }) => [host, role, known, health, linkUp])).toEqual([
      ['127.78.195.3', 'primary', true, 'ok', true],
      ['127.78.195.2', 'primary', true, 'failed', false],
      ['127.78.195.4', 'replica', true, 'ok', true],
      ['127.255.1.1', 'primary', false, 'ok', false],
      ['127.78.195.1', 'primary', true, 'ok', true],
      ['', 'primary', false, 'failed', false],
    ])
    expect(peers[2]).toEqual({
      id: 'fe2733f83d7570f4afd1d94b1efb9f08ccd3963f',
      host: '127.78.195.4',
      port: 6379,
      busPort: 16_379,
      role: 'replica',
      primaryId: 'd3d97b82d3ac4ae4cb953650686c99ff09a3fdf4',
      known: true,
      health: 'ok',
      linkUp: true,
      configEpoch: 1,
      slots: [],
    })
  })

  it('reads slots as ranges and open slots apart from them', () => {
    const { peers, migrating, importing } = parseClusterNodes(valkey)
    expect(peers[4]?.slots).toEqual([
      { from: 0, to: 99 },
      { from: 200, to: 200 },
      { from: 300, to: 5460 },
    ])
    expect(migrating).toEqual({ 93: '0177e1863c0ec6614014b2bb80e89b94789c76e8' })
    expect(importing).toEqual({ 7777: '0177e1863c0ec6614014b2bb80e89b94789c76e8' })
  })

  it('tells suspicion from a verdict', () => {
    const { myId, peers } = parseClusterNodes(redis)
    expect(myId).toBe('9be4d4ea164b517d55adf7763e65b2c265a90138')
    expect(peers.map(({ health }) => health)).toEqual(['ok', 'ok', 'failing'])
  })

  it('reads an address that is not known yet, one of IPv6, and fields that later releases add', () => {
    const text = [
      '654c7e76f26c1018421127bd54d21db6ed7336ee :6390@16390 myself,master - 0 0 5 connected 0-5',
      '07c37dfeb235213a872192d90877d0cd55635b91 fe80::1:6379@16379,h.example,shard-id=69bc master - 0 1 2 connected 7',
    ].join('\n')
    const [self, other] = parseClusterNodes(text).peers
    expect(self).toMatchObject({ host: '', port: 6390, known: true })
    expect(other).toMatchObject({ host: 'fe80::1', port: 6379, busPort: 16_379, slots: [{ from: 7, to: 7 }] })
  })
})
