/**
 * Writes the configuration file that an engine starts from. Pure: the same setup gives the same bytes, so its digest says
 * whether a node must be restarted.
 * Invariants: no secret stands in the process arguments; directives of a parameter group can change our defaults but never
 * what makes the node this node (addresses, users, cluster identity, persistence).
 */
import type { Directive, EngineFiles, EngineSetup } from '@hotshelf/domain'
import { clusterSeedFile, nodesFileName, yieldingClaim } from './cluster-seed.ts'
import { controlUser, controlUserRules, customerUsers } from './acl.ts'
import { announceable, mergeDirectives } from './live-config.ts'
import { commandName, renamedCommands } from './restricted-commands.ts'
import { capabilities } from './versions.ts'

/** A directive and its arguments; each argument is quoted on its own. */
type Line = readonly [name: string, ...values: readonly string[]]

export function renderFiles(setup: EngineSetup): EngineFiles {
  const name = `${setup.binary.kind}.conf`
  const seed = clusterSeedFile(setup)
  const edits = yieldingClaim(setup)
  return {
    arguments: [`${setup.place.directory}/${name}`],
    files: [{ name, content: renderConfigFile(setup) }, ...(seed ? [seed] : [])],
    ...(edits.length > 0 && { edits }),
  }
}

export function renderConfigFile(setup: EngineSetup): string {
  const fixed: readonly Line[] = [
    ...listening(setup),
    ...encryptionLines(setup),
    ...process(setup),
    ...replication(setup),
    ...(setup.clusterMode ? cluster(setup) : []),
    ['maxmemory', String(setup.maxmemoryBytes)],
    ...users(setup),
  ]
  const taken = new Set(fixed.map(([name]) => name))
  const given = announceable(setup.place, mergeDirectives([...defaults(setup), ...setup.directives]))
  const parameters = given.filter(({ name }) => !taken.has(name)).map(({ name, value }): Line => [name, value])
  return [...fixed, ...parameters, ...customerRenames(setup.directives)].map(render).join('')
}

/** `FLUSHALL hidden`, or `FLUSHALL ""` for a command that is taken away; one line for each, and never two for one command. */
const customerRenames = (directives: readonly Directive[]): readonly Line[] =>
  directives
    .filter(({ name }) => name === 'rename-command')
    .map(({ value }): Line => {
      const [command = '', newName = ''] = value.split(' ')
      return ['rename-command', command, newName === '""' ? '' : newName]
    })

/** Ours until a parameter says otherwise. */
const defaults = (setup: EngineSetup): readonly Directive[] => [
  { name: 'appendonly', value: 'no' },
  // The engine's own 1 MB is outrun by any short break of a replication link, and the price is a full copy.
  { name: 'repl-backlog-size', value: String(16 * 1024 * 1024) },
  // A replica whose offset is still zero is not told to cluster clients; the first ping moves it.
  { name: 'repl-ping-replica-period', value: '1' },
  // Memory pressure should cost a fork first, then a replica, and a primary last.
  { name: 'oom-score-adj', value: 'relative' },
  ...(setup.clusterMode ? clusterDefaults : []),
  // `ps` shows whose node it is; the path also tells two servers of one machine apart.
  { name: 'proc-title-template', value: `{title} {listen-addr} {server-mode} ${setup.place.node} {config-file}` },
]

const clusterDefaults: readonly Directive[] = [
  // ElastiCache's, unlike the engine's: a shard without a primary does not stop the others.
  { name: 'cluster-require-full-coverage', value: 'no' },
  { name: 'cluster-preferred-endpoint-type', value: 'hostname' },
]

function listening({ place, transitEncryption }: EngineSetup): readonly Line[] {
  const plainPort = transitEncryption === 'required' ? 0 : place.port
  return [
    ['bind', place.address],
    // Otherwise every node of one machine would appear to its peers as 127.0.0.1.
    ['bind-source-addr', place.address],
    ['port', String(plainPort)],
    ['unixsocket', place.controlSocket],
    ['unixsocketperm', '700'],
    // It would refuse replicas as soon as `default` has no password (Redis 7.0, engine's `-DENIED`).
    ['protected-mode', 'no'],
  ]
}

/**
 * Preferred serves both ports. A replica then follows the plain port; the cluster bus, and with it replication in cluster
 * mode, is encrypted: only so does each client learn from CLUSTER SLOTS the ports of its own kind.
 */
export function encryptionLines({
  place,
  transitEncryption,
  clusterMode,
}: Pick<EngineSetup, 'place' | 'transitEncryption' | 'clusterMode'>): readonly Line[] {
  if (transitEncryption === 'off' || !place.tls) return []
  const required = transitEncryption === 'required'
  const tlsPort = required ? place.port : place.tlsPort
  return [
    ['tls-port', String(tlsPort ?? 0)],
    ['tls-cert-file', place.tls.certificate],
    ['tls-key-file', place.tls.key],
    ['tls-ca-cert-file', place.tls.authority],
    ['tls-auth-clients', 'no'],
    ['tls-protocols', 'TLSv1.2 TLSv1.3'],
    // Of version 1.2 only what keeps yesterday's recordings closed to tomorrow's thieves; 1.3 has nothing else.
    ['tls-ciphers', 'ECDHE+AESGCM:ECDHE+CHACHA20'],
    ['tls-prefer-server-ciphers', 'yes'],
    ['tls-replication', required || clusterMode ? 'yes' : 'no'],
    ['tls-cluster', clusterMode ? 'yes' : 'no'],
  ]
}

const process = ({ binary, place, loadFrom }: EngineSetup): readonly Line[] => [
  ['daemonize', 'no'],
  ['supervised', 'no'],
  ['dir', place.directory],
  ['pidfile', `${place.directory}/engine.pid`],
  ['logfile', ''],
  // Nothing is written to disk but the log, where durability is asked for, and snapshots.
  ['save', ''],
  ...(loadFrom === undefined ? [] : ([['dbfilename', loadFrom]] as const)),
  // The report of a crash tells the command it happened in, keys and values included.
  capabilities(binary).hidesUserData ? ['hide-user-data-from-log', 'yes'] : ['crash-log-enabled', 'no'],
  ['always-show-logo', 'no'],
]

function replication({ binary, place, controlPassword, follow }: EngineSetup): readonly Line[] {
  const { replicationUser, replicationPassword, disklessLoad } = capabilities(binary)
  return [
    [replicationUser, controlUser],
    [replicationPassword, controlPassword],
    ['replica-announce-ip', place.hostname],
    ['replica-announce-port', String(place.port)],
    ['repl-diskless-sync', 'yes'],
    // The default waits 5 s for more replicas before it starts a copy.
    ['repl-diskless-sync-delay', '0'],
    ['repl-diskless-load', disklessLoad],
    ...(follow ? ([['replicaof', follow.host, String(follow.port)]] as const) : []),
  ]
}

function cluster({ place, transitEncryption, clusterNodeTimeoutMs }: EngineSetup): readonly Line[] {
  const tlsPort = transitEncryption === 'required' ? place.port : place.tlsPort
  return [
    ['cluster-enabled', 'yes'],
    ['cluster-config-file', nodesFileName],
    ['cluster-port', String(place.busPort)],
    ['cluster-announce-ip', place.address],
    // Without it Valkey tells control's unencrypted connection the port 0 where clients must use TLS.
    ['cluster-announce-port', String(place.port)],
    ...(tlsPort === undefined ? [] : ([['cluster-announce-tls-port', String(tlsPort)]] as const)),
    ['cluster-announce-bus-port', String(place.busPort)],
    ['cluster-node-timeout', String(clusterNodeTimeoutMs)],
    // Only control moves replicas between shards and promotes them: two deciders lost acknowledged writes in our tests.
    ['cluster-allow-replica-migration', 'no'],
    ['cluster-replica-no-failover', 'yes'],
    ...(place.hostname === place.address ? [] : ([['cluster-announce-hostname', place.hostname]] as const)),
  ]
}

const users = ({ access, binary, clusterMode, controlPassword, onlyDatabase0 }: EngineSetup): readonly Line[] => [
  ...renamedCommands.map((command): Line => ['rename-command', command, commandName(command, controlPassword)]),
  ['user', controlUser, ...controlUserRules(controlPassword)],
  ...customerUsers(access, binary, onlyDatabase0 && !clusterMode).map(
    ({ name, rules }): Line => ['user', name, ...rules],
  ),
]

const render = ([name, ...values]: Line): string => `${[name, ...values.map(quote)].join(' ')}\n`

/** The engine reads double quotes with C's escapes; a bare `#` or an empty value would not arrive otherwise. */
function quote(value: string): string {
  if (/^[\w./:@*&+~|{}()-]+$/.test(value)) return value
  const escaped = [...Buffer.from(value, 'utf8')].map(byte => {
    if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`
    return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`
  })
  return `"${escaped.join('')}"`
}
