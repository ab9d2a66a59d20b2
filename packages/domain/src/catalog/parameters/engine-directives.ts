/**
 * What parameters mean to an engine: which configuration directive each becomes, on which program.
 * A program that is older or younger than the family gets the name it knows, or nothing where it knows none; what only
 * ElastiCache understands (reserved memory, close-on-replica-write, …) leaves no directive at all.
 */
import { compareVersions } from '../engine-versions.ts'
import type { ParameterValues } from './definition.ts'
import { parseRenames } from './rename-commands.ts'

export interface DirectiveTarget {
  readonly engine: 'valkey' | 'redis'
  /** Version of the program that runs, `8.0.1`; not the version the customer asked for. */
  readonly binaryVersion: string
  /** Whether clients use TLS: decides what `tls-dynamic` endpoints are. */
  readonly transitEncryption?: boolean
}

export interface EngineDirective {
  readonly name: string
  /** As CONFIG SET takes it. May be empty; a configuration file then needs `""`. */
  readonly value: string
  /** False where the engine reads it at start only. */
  readonly live: boolean
  /** True where a program may refuse a legal value for reasons of its build or its machine: set it live and go on. */
  readonly refusable: boolean
}

/** First version that knows a directive, per program; `never` where none does. */
interface Rule {
  readonly redis: string
  readonly valkey: string
  /** The directive's name, where it is not the parameter's; from this Redis version on (every Valkey is later). */
  readonly renamed?: { readonly to: string; readonly at: string }
  /** The name before that, where the parameter has the later one. */
  readonly formerly?: string
  readonly atStartOnly?: true
  readonly refusable?: true
}

const never = '999'
const always = '0'
const since = (redis: string, rest: Partial<Rule> = {}): Rule => ({ redis, valkey: always, ...rest })
const valkeyOnly = (valkey: string, rest: Partial<Rule> = {}): Rule => ({ redis: never, valkey, ...rest })

/** One directive in both worlds: the parameter has the old or the new name, the program too. */
const renamed = (old: string, name: string, at: string): Record<string, Rule> => ({
  [old]: { redis: always, valkey: always, renamed: { to: name, at } },
  [name]: { redis: always, valkey: always, renamed: { to: name, at }, formerly: old },
})

const rules: Readonly<Record<string, Rule>> = {
  'acl-pubsub-default': since('6.2'),
  'acllog-max-len': since('6.0'),
  // Programs built with the system's allocator cannot move memory, and say so.
  activedefrag: since('4.0', { refusable: true }),
  'active-defrag-cycle-max': since('4.0'),
  'active-defrag-cycle-min': since('4.0'),
  'active-defrag-ignore-bytes': since('4.0'),
  'active-defrag-max-scan-fields': since('5.0'),
  'active-defrag-threshold-lower': since('4.0'),
  'active-defrag-threshold-upper': since('4.0'),
  'active-expire-effort': since('6.0'),
  activerehashing: since('2.6'),
  'client-query-buffer-limit': since('4.0'),
  'cluster-allow-pubsubshard-when-down': since('7.0'),
  'cluster-allow-reads-when-down': since('6.0'),
  'cluster-databases': valkeyOnly('9.0', { atStartOnly: true }),
  'cluster-require-full-coverage': since('3.0'),
  'commandlog-large-reply-max-len': valkeyOnly('8.1'),
  'commandlog-large-request-max-len': valkeyOnly('8.1'),
  'commandlog-reply-larger-than': valkeyOnly('8.1'),
  'commandlog-request-larger-than': valkeyOnly('8.1'),
  databases: since('2.6', { atStartOnly: true }),
  'extended-redis-compatibility': valkeyOnly('8.0'),
  ...renamed('hash-max-ziplist-entries', 'hash-max-listpack-entries', '7.0'),
  ...renamed('hash-max-ziplist-value', 'hash-max-listpack-value', '7.0'),
  'hll-sparse-max-bytes': since('2.8.9'),
  'latency-tracking': since('7.0'),
  'lazyfree-lazy-eviction': since('4.0'),
  'lazyfree-lazy-expire': since('4.0'),
  'lazyfree-lazy-server-del': since('4.0'),
  'lazyfree-lazy-user-del': since('6.0'),
  'lfu-decay-time': since('4.0'),
  'lfu-log-factor': since('4.0'),
  'list-compress-depth': since('3.2'),
  ...renamed('list-max-ziplist-size', 'list-max-listpack-size', '7.0'),
  'lua-time-limit': since('2.6'),
  // More clients than the machine's file limit allows are refused.
  maxclients: since('2.6', { refusable: true }),
  'maxmemory-policy': since('2.6'),
  'maxmemory-samples': since('2.6'),
  ...renamed('min-slaves-max-lag', 'min-replicas-max-lag', '5.0'),
  ...renamed('min-slaves-to-write', 'min-replicas-to-write', '5.0'),
  'notify-keyspace-events': since('2.8'),
  'proto-max-bulk-len': since('4.0'),
  'repl-backlog-size': since('2.8'),
  'repl-backlog-ttl': since('2.8'),
  'replica-ignore-maxmemory': since('5.0'),
  ...renamed('slave-lazy-flush', 'replica-lazy-flush', '5.0'),
  'set-max-intset-entries': since('2.6'),
  'slowlog-log-slower-than': since('2.6'),
  'slowlog-max-len': since('2.6'),
  'stream-node-max-bytes': since('5.0'),
  'stream-node-max-entries': since('5.0'),
  'tcp-keepalive': since('2.6'),
  timeout: since('2.6'),
  'tracking-table-max-keys': since('6.0'),
  ...renamed('zset-max-ziplist-entries', 'zset-max-listpack-entries', '7.0'),
  ...renamed('zset-max-ziplist-value', 'zset-max-listpack-value', '7.0'),
}

/**
 * Parameters that leave no directive, and why. Cluster mode is the group's own decision (a group may have shards under
 * a parameter group that says `cluster-enabled no`); memory is computed from the node type; persistence and
 * replication timeouts belong to whoever runs the node; the rest exists in AWS's engine only.
 */
export const withoutDirective: ReadonlySet<string> = new Set([
  'appendfsync',
  'appendonly',
  'close-on-replica-write',
  'close-on-slave-write',
  'cluster-enabled',
  'list-max-ziplist-entries',
  'list-max-ziplist-value',
  'lua-replicate-commands',
  'maxmemory',
  'repl-timeout',
  'replica-allow-chaining',
  'reserved-memory',
  'reserved-memory-percent',
  'search-default-timeout-ms',
  'search-enable-partial-results',
  'search-fanout-target-mode',
  'slave-allow-chaining',
])

/** Commands that control itself needs under their own name; renaming them would cut it off from the node. */
const neededByControl: ReadonlySet<string> = new Set([
  'CLIENT',
  'DBSIZE',
  'EXEC',
  'INFO',
  'LASTSAVE',
  'MULTI',
  'PING',
  'ROLE',
  'SELECT',
  'SLOWLOG',
])

/**
 * Commands that engines send to their replicas by themselves, under this very name: renamed, an expired key would live on
 * in every replica (seen on Valkey 8: `unknown command 'UNLINK'`).
 */
const sentByEngines: ReadonlySet<string> = new Set(
  (
    'DEL UNLINK SET EXPIREAT PEXPIREAT PEXPIRE PERSIST RESTORE HDEL HSET LPOP LPUSH RPOP RPUSH SADD SREM ZADD ZREM ' +
    'ZPOPMIN ZPOPMAX XADD XCLAIM XDEL XGROUP XSETID XTRIM PFADD PUBLISH SPUBLISH'
  ).split(' '),
)

const knows = (target: DirectiveTarget, rule: Rule): boolean =>
  compareVersions(target.binaryVersion, target.engine === 'redis' ? rule.redis : rule.valkey) >= 0

function nameFor(parameter: string, rule: Rule, target: DirectiveTarget): string {
  if (!rule.renamed) return parameter
  const renamedAlready = target.engine === 'valkey' || compareVersions(target.binaryVersion, rule.renamed.at) >= 0
  return renamedAlready ? rule.renamed.to : (rule.formerly ?? parameter)
}

/** Directives in the order of the values, those made of several parameters last. */
export function engineDirectives(values: ParameterValues, target: DirectiveTarget): readonly EngineDirective[] {
  const simple = Object.entries(values).flatMap(([parameter, value]) => {
    const rule = rules[parameter]
    if (!rule || !knows(target, rule)) return []
    if (parameter === 'cluster-databases' && value === '0') return []
    const name = nameFor(parameter, rule, target)
    return [{ name, value, live: !rule.atStartOnly, refusable: rule.refusable ?? false }]
  })
  return [...simple, ...endpointType(values, target), ...outputBufferLimits(values, target), ...renames(values)]
}

/** `tls-dynamic` is AWS's: host names where clients check certificates, addresses where they do not. From Redis 7. */
function endpointType(values: ParameterValues, target: DirectiveTarget): readonly EngineDirective[] {
  const wanted = values['cluster-preferred-endpoint-type']
  if (wanted === undefined || !knows(target, since('7.0'))) return []
  const value = wanted === 'tls-dynamic' && target.transitEncryption ? 'hostname' : 'ip'
  return [{ name: 'cluster-preferred-endpoint-type', value, live: true, refusable: false }]
}

/** Three parameters make one directive per kind of client: `client-output-buffer-limit normal 0 0 0`. */
function outputBufferLimits(values: ParameterValues, target: DirectiveTarget): readonly EngineDirective[] {
  const replica = target.engine === 'valkey' || compareVersions(target.binaryVersion, '5.0') >= 0 ? 'replica' : 'slave'
  const kinds = [
    { kind: 'normal', parameters: ['normal'] },
    { kind: replica, parameters: ['slave', 'replica'] },
    { kind: 'pubsub', parameters: ['pubsub'] },
  ]
  return kinds.flatMap(({ kind, parameters }) => {
    const part = (what: string): string | undefined =>
      parameters.map(name => values[`client-output-buffer-limit-${name}-${what}`]).find(value => value !== undefined)
    const [hard, soft, seconds] = [part('hard-limit'), part('soft-limit'), part('soft-seconds')]
    if (hard === undefined || soft === undefined || seconds === undefined) return []
    const value = `${kind} ${hard} ${soft} ${seconds}`
    return [{ name: 'client-output-buffer-limit', value, live: true, refusable: false }]
  })
}

/** AWS renames on the fly; the engines do it at start only. A blocked command is renamed to nothing. */
function renames(values: ParameterValues): readonly EngineDirective[] {
  const wanted = parseRenames(values['rename-commands'] ?? '') ?? []
  return wanted
    .filter(({ command }) => !neededByControl.has(command) && !sentByEngines.has(command))
    .map(({ command, newName }) => ({
      name: 'rename-command',
      value: `${command} ${newName ?? '""'}`,
      live: false,
      refusable: false,
    }))
}
