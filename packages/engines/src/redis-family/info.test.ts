import { describe, expect, it } from 'vitest'
import { numberIn, parseInfo, replicationIn, versionIn } from './info.ts'

const text = (...lines: readonly string[]) => `${lines.join('\r\n')}\r\n`

describe('INFO', () => {
  it('is read by name, whatever the section, with colons in values', () => {
    const info = parseInfo(
      text(
        '# Server',
        'redis_version:7.0.15',
        'listener0:name=tcp,bind=::1,port=6390',
        '',
        '# Memory',
        'used_memory:99',
      ),
    )
    expect(info.get('listener0')).toBe('name=tcp,bind=::1,port=6390')
    expect(numberIn(info, 'used_memory')).toBe(99)
    expect(numberIn(info, 'no_such_field')).toBe(0)
    expect(info.has('# Server')).toBe(false)
  })

  it('gives Valkey’s own version, not the one it shows to old clients', () => {
    expect(versionIn(parseInfo(text('redis_version:7.2.4', 'valkey_version:8.0.1')))).toBe('8.0.1')
    expect(versionIn(parseInfo(text('redis_version:7.0.15')))).toBe('7.0.15')
  })

  it('of a primary lists its replicas, by name where they have one', () => {
    const info = parseInfo(
      text(
        'role:master',
        'connected_slaves:2',
        'slave0:ip=four.example,port=6379,state=online,offset=14,lag=1,type=replica',
        'slave3:ip=127.0.0.3,port=6380,state=wait_bgsave,offset=0,lag=0',
        'slave4:ip=127.0.0.4,port=6380,state=online,offset=0,lag=0',
        'master_repl_offset:28',
        'slave_repl_offset:7',
      ),
    )
    expect(replicationIn(info)).toEqual({
      role: 'primary',
      offset: 28,
      following: undefined,
      followers: [
        { host: 'four.example', port: 6379, online: true, offset: 14, lagSeconds: 1 },
        { host: '127.0.0.3', port: 6380, online: false, offset: 0, lagSeconds: 0 },
        { host: '127.0.0.4', port: 6380, online: true, offset: 0, lagSeconds: 0 },
      ],
    })
  })

  it('of a replica tells what it has applied, not what it has read', () => {
    const info = parseInfo(
      text(
        'role:slave',
        'master_host:127.78.195.1',
        'master_port:6379',
        'master_link_status:down',
        'slave_read_repl_offset:90',
        'slave_repl_offset:80',
        'master_repl_offset:85',
      ),
    )
    expect(replicationIn(info)).toEqual({
      role: 'replica',
      offset: 80,
      following: { host: '127.78.195.1', port: 6379, linkUp: false, receiving: false },
      followers: [],
    })
  })

  it.each([
    ['has its copy and waits for the stream', ['repl_backlog_active:1', 'repl_backlog_histlen:0'], false],
    ['receives the stream', ['repl_backlog_active:1', 'repl_backlog_histlen:14'], true],
  ])('of a replica that %s tells so', (_, backlog, receiving) => {
    const info = parseInfo(text('role:slave', 'master_link_status:up', 'slave_repl_offset:80', ...backlog))
    expect(replicationIn(info).following).toMatchObject({ linkUp: true, receiving })
  })
})
