/**
 * The commands that an access string can name, with the subcommands they have: COMMAND DOCS of Redis 7.0 and Valkey 8.0,
 * and what later releases added. Module commands are ElastiCache's: it takes them in access strings, and the engines here
 * have none of them.
 */
import { compareVersions } from './engine-versions.ts'

/** Of every release that runs here. */
const plain = `
  append asking auth bgrewriteaof bgsave bitcount bitfield bitfield_ro bitop bitpos blmove blmpop blpop brpop
  brpoplpush bzmpop bzpopmax bzpopmin copy dbsize debug decr decrby del discard dump echo eval eval_ro evalsha
  evalsha_ro exec exists expire expireat expiretime failover fcall fcall_ro flushall flushdb geoadd geodist geohash
  geopos georadius georadius_ro georadiusbymember georadiusbymember_ro geosearch geosearchstore get getbit getdel
  getex getrange getset hdel hello hexists hget hgetall hincrby hincrbyfloat hkeys hlen hmget hmset hrandfield hscan
  hset hsetnx hstrlen hvals incr incrby incrbyfloat info keys lastsave lcs lindex linsert llen lmove lmpop lolwut lpop
  lpos lpush lpushx lrange lrem lset ltrim mget migrate monitor move mset msetnx multi persist pexpire pexpireat
  pexpiretime pfadd pfcount pfdebug pfmerge pfselftest ping psetex psubscribe psync pttl publish punsubscribe quit
  randomkey readonly readwrite rename renamenx replconf replicaof reset restore restore-asking role rpop rpoplpush
  rpush rpushx sadd save scan scard sdiff sdiffstore select set setbit setex setnx setrange shutdown sinter sintercard
  sinterstore sismember slaveof smembers smismember smove sort sort_ro spop spublish srandmember srem sscan ssubscribe
  strlen subscribe substr sunion sunionstore sunsubscribe swapdb sync time touch ttl type unlink unsubscribe unwatch
  wait watch xack xadd xautoclaim xclaim xdel xlen xpending xrange xread xreadgroup xrevrange xsetid xtrim zadd zcard
  zcount zdiff zdiffstore zincrby zinter zintercard zinterstore zlexcount zmpop zmscore zpopmax zpopmin zrandmember
  zrange zrangebylex zrangebyscore zrangestore zrank zrem zremrangebylex zremrangebyrank zremrangebyscore zrevrange
  zrevrangebylex zrevrangebyscore zrevrank zscan zscore zunion zunionstore
`

const withSubcommands = {
  acl: 'cat deluser dryrun genpass getuser help list load log save setuser users whoami',
  client:
    'caching getname getredir help id info kill list no-evict pause reply setname tracking trackinginfo unblock ' +
    'unpause',
  cluster:
    'addslots addslotsrange bumpepoch count-failure-reports countkeysinslot delslots delslotsrange failover ' +
    'flushslots forget getkeysinslot help info keyslot links meet myid nodes replicas replicate reset saveconfig ' +
    'set-config-epoch setslot shards slaves slots',
  command: 'count docs getkeys getkeysandflags help info list',
  config: 'get help resetstat rewrite set',
  function: 'delete dump flush help kill list load restore stats',
  latency: 'doctor graph help histogram history latest reset',
  memory: 'doctor help malloc-stats purge stats usage',
  module: 'help list load loadex unload',
  object: 'encoding freq help idletime refcount',
  pubsub: 'channels help numpat numsub shardchannels shardnumsub',
  script: 'debug exists flush help kill load',
  slowlog: 'get help len reset',
  xgroup: 'create createconsumer delconsumer destroy help setid',
  xinfo: 'consumers groups help stream',
} as const

interface Since {
  readonly valkey?: string
  readonly redis?: string
}

/** Release notes of both engines; undefined where an engine never had it. */
const later: Readonly<Record<string, Since>> = {
  'client|setinfo': { valkey: '7.2', redis: '7.2' },
  'client|no-touch': { valkey: '7.2', redis: '7.2' },
  waitaof: { valkey: '7.2', redis: '7.2' },
  'cluster|myshardid': { valkey: '7.2', redis: '7.2' },
  'client|capa': { valkey: '8.0' },
  'script|show': { valkey: '8.0' },
  'cluster|slot-stats': { valkey: '8.0', redis: '8.2' },
  ...each('commandlog commandlog|get commandlog|len commandlog|reset commandlog|help', { valkey: '8.1' }),
  ...each('hexpire hpexpire hexpireat hpexpireat hpersist httl hpttl hexpiretime hpexpiretime', {
    valkey: '9.0',
    redis: '7.4',
  }),
  ...each('hgetex hsetex', { valkey: '9.0', redis: '8.0' }),
  hgetdel: { redis: '8.0' },
  delifeq: { valkey: '9.0' },
}

function each(names: string, since: Since): Readonly<Record<string, Since>> {
  return Object.fromEntries(names.split(' ').map(name => [name, since]))
}

const subcommands = new Map<string, readonly string[]>(
  Object.entries(withSubcommands).map(([command, names]) => [command, names.split(' ')]),
)
const everywhere: ReadonlySet<string> = new Set([
  ...plain.trim().split(/\s+/),
  ...[...subcommands].flatMap(([command, names]) => [command, ...names.map(name => `${command}|${name}`)]),
])

/** JSON, search and Bloom filters: `json.get`. */
const ofModules = /^(json|ft|bf)\.[a-z.]+$/

/** `get`, `config|set`, in lower case. */
export const isAclCommand = (name: string): boolean =>
  everywhere.has(name) || later[name] !== undefined || ofModules.test(name)

export const hasSubcommands = (command: string): boolean =>
  subcommands.has(command) || Object.keys(later).some(name => name.startsWith(`${command}|`))

/** Whether this release has a command of that name: a rule about another would make it refuse all of a user's rules. */
export function hasAclCommand(name: string, engine: 'valkey' | 'redis', version: string): boolean {
  if (everywhere.has(name)) return true
  const since = later[name]?.[engine]
  return since !== undefined && compareVersions(version, since) >= 0
}

/** Of ElastiCache's modules. */
const moduleCategories: ReadonlySet<string> = new Set(['json', 'search', 'bloom'])

const categories: ReadonlySet<string> = new Set(
  (
    'keyspace read write set sortedset list hash string bitmap hyperloglog geo stream pubsub admin fast slow blocking ' +
    'dangerous connection transaction scripting'
  ).split(' '),
)

export const isAclCategory = (name: string): boolean => categories.has(name) || moduleCategories.has(name)

export const hasAclCategory = (name: string): boolean => categories.has(name)
