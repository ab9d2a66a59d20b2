import type { EngineSetup, NodeId, NodePlace } from '@hotshelf/domain'
import { elasticacheArn } from '@hotshelf/domain'
import { describe, expect, it } from 'vitest'
import { renderConfigFile, renderFiles } from './config-file.ts'

const place: NodePlace = {
  group: elasticacheArn({ account: '000000000000', region: 'us-east-1' }, 'replicationgroup', 'orders'),
  node: 'orders-0001-001' as NodeId,
  address: '127.0.10.1',
  port: 6379,
  tlsPort: undefined,
  busPort: 16_379,
  hostname: '127.0.10.1',
  controlSocket: '/data/orders-0001-001/control.sock',
  directory: '/data/orders-0001-001',
  tls: undefined,
}

const tls = { certificate: '/data/n/node.crt', key: '/data/n/node.key', authority: '/data/ca.crt' }

const setup: EngineSetup = {
  binary: { kind: 'valkey', version: '8.0.1', path: '/usr/bin/valkey-server' },
  place,
  clusterMode: false,
  transitEncryption: 'off',
  directives: [],
  maxmemoryBytes: 67_108_864,
  controlPassword: 'secret',
  access: { mode: 'open' },
  follow: undefined,
  clusterNodeTimeoutMs: 2000,
}

const lines = (change: Partial<EngineSetup> = {}): readonly string[] =>
  renderConfigFile({ ...setup, ...change }).split('\n')

describe('the configuration file', () => {
  it('of a plain Valkey node', () => {
    expect(renderConfigFile({ ...setup, directives: [{ name: 'maxmemory-policy', value: 'volatile-lru' }] })).toBe(
      `bind 127.0.10.1
bind-source-addr 127.0.10.1
port 6379
unixsocket /data/orders-0001-001/control.sock
unixsocketperm 700
protected-mode no
daemonize no
supervised no
dir /data/orders-0001-001
pidfile /data/orders-0001-001/engine.pid
logfile ""
save ""
hide-user-data-from-log yes
always-show-logo no
primaryuser (superuser)
primaryauth secret
replica-announce-ip 127.0.10.1
replica-announce-port 6379
repl-diskless-sync yes
repl-diskless-sync-delay 0
repl-diskless-load swapdb
maxmemory 67108864
rename-command bgrewriteaof bgrewriteaof-86df4f105328e7cd
rename-command bgsave bgsave-f20061358c00510f
rename-command config config-3aab7bd78c391836
rename-command debug debug-63799b0872bf9d6f
rename-command migrate migrate-25880b9ea98920bf
rename-command replicaof replicaof-088f5b1dd1520edd
rename-command save save-2ec03321dbdc1c71
rename-command slaveof slaveof-b29d3a76b38ee96b
rename-command shutdown shutdown-ed9e859419850e66
rename-command failover failover-04513ec52e5391bf
rename-command module module-d3c9fb5b82784b95
user (superuser) on "#2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b" ~* &* +@all
user default reset on nopass ~* &* +@all -bgrewriteaof -bgsave -config -debug -migrate -replicaof -save -slaveof -shutdown -failover -module -sync -psync -acl|deluser -acl|dryrun -acl|getuser -acl|list -acl|load -acl|log -acl|save -acl|setuser -acl|users -cluster|addslots -cluster|addslotsrange -cluster|bumpepoch -cluster|delslots -cluster|delslotsrange -cluster|failover -cluster|flushslots -cluster|forget -cluster|meet -cluster|replicate -cluster|reset -cluster|saveconfig -cluster|set-config-epoch -cluster|setslot
appendonly no
repl-backlog-size 16777216
repl-ping-replica-period 1
oom-score-adj relative
proc-title-template "{title} {listen-addr} {server-mode} orders-0001-001 {config-file}"
maxmemory-policy volatile-lru
`,
    )
  })

  it('of a Redis replica that takes TLS alone and asks for a token', () => {
    const change = {
      binary: { kind: 'redis', version: '7.0.15', path: '/usr/bin/redis-server' },
      place: { ...place, tls },
      transitEncryption: 'required',
      access: { mode: 'tokens', tokens: ['token-one', 'token-two'] },
      follow: { host: '127.0.10.2', port: 6379 },
    } as const
    expect(lines(change)).toEqual(
      expect.arrayContaining([
        'port 0',
        'crash-log-enabled no',
        'tls-port 6379',
        'tls-cert-file /data/n/node.crt',
        'tls-key-file /data/n/node.key',
        'tls-ca-cert-file /data/ca.crt',
        'tls-auth-clients no',
        'tls-protocols "TLSv1.2 TLSv1.3"',
        'tls-ciphers ECDHE+AESGCM:ECDHE+CHACHA20',
        'tls-prefer-server-ciphers yes',
        'tls-replication yes',
        'tls-cluster no',
        'masteruser (superuser)',
        'masterauth secret',
        'replicaof 127.0.10.2 6379',
      ]),
    )
    const user = lines(change).find(line => line.startsWith('user default'))
    expect(user).toMatch(/^user default reset on "#[0-9a-f]{64}" "#[0-9a-f]{64}" ~\* &\* \+@all -bgrewriteaof /)
    expect(renderConfigFile({ ...setup, ...change })).not.toMatch(/token-(one|two)|primary(user|auth)/)
  })

  it('of a cluster member with a name that prefers TLS', () => {
    const named = { ...place, hostname: 'orders-0001-001.cache.example', tls, tlsPort: 6380 }
    expect(lines({ place: named, clusterMode: true, transitEncryption: 'preferred' })).toEqual(
      expect.arrayContaining([
        'port 6379',
        'tls-port 6380',
        'tls-replication yes',
        'tls-cluster yes',
        'replica-announce-ip orders-0001-001.cache.example',
        'cluster-enabled yes',
        'cluster-config-file nodes.conf',
        'cluster-port 16379',
        'cluster-announce-ip 127.0.10.1',
        'cluster-announce-port 6379',
        'cluster-announce-tls-port 6380',
        'cluster-announce-bus-port 16379',
        'cluster-node-timeout 2000',
        'cluster-allow-replica-migration no',
        'cluster-replica-no-failover yes',
        'cluster-announce-hostname orders-0001-001.cache.example',
        'cluster-require-full-coverage no',
        'cluster-preferred-endpoint-type hostname',
      ]),
    )
  })

  it('never announces a name where there is none, whatever the parameters say', () => {
    const directives = [{ name: 'cluster-preferred-endpoint-type', value: 'hostname' }]
    const file = lines({ clusterMode: true, directives })
    expect(file).toContain('cluster-preferred-endpoint-type ip')
    expect(file.filter(line => line.startsWith('cluster-announce-hostname'))).toEqual([])
  })

  it('lets parameters change defaults, and nothing that makes the node this node', () => {
    const directives = [
      { name: 'repl-backlog-size', value: '1048576' },
      { name: 'cluster-require-full-coverage', value: 'yes' },
      { name: 'port', value: '1' },
      { name: 'maxmemory', value: '1' },
      { name: 'cluster-enabled', value: 'no' },
      { name: 'user', value: 'eve on nopass ~* +@all' },
    ]
    const file = lines({ directives, clusterMode: true })
    expect(file).toContain('repl-backlog-size 1048576')
    expect(file).toContain('cluster-require-full-coverage yes')
    expect(file.filter(line => /^(port|maxmemory|cluster-enabled) /.test(line))).toEqual([
      'port 6379',
      'cluster-enabled yes',
      'maxmemory 67108864',
    ])
    expect(file.filter(line => line.includes('eve'))).toEqual([])
  })

  it('renames what customers rename, each command on its own line', () => {
    const directives = [
      { name: 'rename-command', value: 'FLUSHALL hidden' },
      { name: 'rename-command', value: 'KEYS ""' },
    ]
    const renames = lines({ directives }).filter(line => line.startsWith('rename-command'))
    expect(renames.slice(-2)).toEqual(['rename-command FLUSHALL hidden', 'rename-command KEYS ""'])
    expect(renames).toHaveLength(13)
  })

  it('quotes what the engine would read otherwise', () => {
    const directives = [
      { name: 'notify-keyspace-events', value: '' },
      { name: 'client-output-buffer-limit', value: 'normal 0 0 0' },
      { name: 'client-output-buffer-limit', value: 'pubsub 1 2 3' },
    ]
    const file = lines({ directives, controlPassword: 'a"b\\c #é' })
    expect(file).toContain('notify-keyspace-events ""')
    expect(file).toContain('client-output-buffer-limit "normal 0 0 0 pubsub 1 2 3"')
    expect(file).toContain('primaryauth "a\\"b\\\\c #\\xc3\\xa9"')
  })

  it('is all that the process is started with: no secret stands in its arguments', () => {
    const { arguments: given, files } = renderFiles(setup)
    expect(given).toEqual(['/data/orders-0001-001/valkey.conf'])
    expect(files.map(({ name }) => name)).toEqual(['valkey.conf'])
  })

  it('names the commands that move slots only on releases that know them', () => {
    const user = (binary: EngineSetup['binary']) => lines({ binary }).find(line => line.startsWith('user default'))
    const at = (kind: 'valkey' | 'redis', version: string) => user({ kind, version, path: '/x' })
    expect(at('valkey', '8.1.4')).not.toContain('syncslots')
    expect(at('valkey', '9.0.0')).toContain(' -cluster|migrateslots -cluster|cancelslotmigrations -cluster|syncslots')
    expect(at('redis', '8.2.1')).not.toContain('syncslots')
    expect(at('redis', '8.4.0')).toContain(' -cluster|migration -cluster|syncslots -trimslots')
  })
})
