/**
 * Directives on a running node: which can be set at once, and how several become one CONFIG SET. One command matters: the
 * engine applies all of it or nothing, and `tls-cert-file` with `tls-key-file` are only valid together.
 */
import type { Directive, NodePlace } from '@hotshelf/domain'

/** The engine refuses CONFIG SET for these ("can't set immutable config"); verified on Valkey 8.0.1 and Redis 7.0.15. */
const immutable: ReadonlySet<string> = new Set([
  'aclfile',
  'always-show-logo',
  'aof-rewrite-cpulist',
  'aof_rewrite_cpulist',
  'appenddirname',
  'appendfilename',
  'bgsave-cpulist',
  'bgsave_cpulist',
  'bio-cpulist',
  'bio_cpulist',
  'cluster-config-file',
  'cluster-enabled',
  'cluster-port',
  'daemonize',
  'databases',
  'disable-thp',
  'enable-debug-command',
  'enable-module-command',
  'enable-protected-configs',
  'io-threads',
  'io-threads-do-reads',
  'logfile',
  'pidfile',
  'rdbchecksum',
  'rename-command',
  'replicaof',
  'server-cpulist',
  'server_cpulist',
  'set-proc-title',
  'slaveof',
  'socket-mark-id',
  'supervised',
  'syslog-enabled',
  'syslog-facility',
  'syslog-ident',
  'tcp-backlog',
  'unixsocket',
  'unixsocketgroup',
  'unixsocketperm',
])

/** True for directives that only a new process will obey. */
export const needsRestart = (directive: string): boolean => immutable.has(directive.toLowerCase())

/** Given per kind of client, so several lines of one name add up instead of replacing each other. */
const cumulative: ReadonlySet<string> = new Set(['client-output-buffer-limit'])

/** One directive per name, the last one winning: CONFIG SET refuses a name that comes twice. */
export function mergeDirectives(directives: readonly Directive[]): readonly Directive[] {
  const merged = new Map<string, string>()
  for (const { name, value } of directives) {
    const before = cumulative.has(name) ? merged.get(name) : undefined
    merged.set(name, before === undefined ? value : `${before} ${value}`)
  }
  return [...merged].map(([name, value]) => ({ name, value }))
}

/** A node without a name cannot be announced by it: a cluster would tell its clients to connect to `?`. */
export const announceable = (place: NodePlace, directives: readonly Directive[]): readonly Directive[] =>
  directives.map(directive =>
    directive.name === 'cluster-preferred-endpoint-type' && place.hostname === place.address
      ? { ...directive, value: 'ip' }
      : directive,
  )
