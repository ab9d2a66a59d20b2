/**
 * The `rename-commands` parameter: pairs of a command and its new name, `flushall hidden keys blocked`.
 * The word `blocked` takes the command away. New names are alphanumeric and at most 20 characters long.
 */

/** Commands that AWS lets customers rename (the parameter's AllowedValues, in AWS's order). */
export const renamableCommands: readonly string[] = (
  'APPEND BITCOUNT BITFIELD BITOP BITPOS BLPOP BRPOP BRPOPLPUSH BZPOPMIN BZPOPMAX CLIENT COMMAND DBSIZE DECR DECRBY ' +
  'DEL DISCARD DUMP ECHO EVAL EVALSHA EXEC EXISTS EXPIRE EXPIREAT FLUSHALL FLUSHDB GEOADD GEOHASH GEOPOS GEODIST ' +
  'GEORADIUS GEORADIUSBYMEMBER GET GETBIT GETRANGE GETSET HDEL HEXISTS HGET HGETALL HINCRBY HINCRBYFLOAT HKEYS HLEN ' +
  'HMGET HMSET HSET HSETNX HSTRLEN HVALS INCR INCRBY INCRBYFLOAT INFO KEYS LASTSAVE LINDEX LINSERT LLEN LPOP LPUSH ' +
  'LPUSHX LRANGE LREM LSET LTRIM MEMORY MGET MONITOR MOVE MSET MSETNX MULTI OBJECT PERSIST PEXPIRE PEXPIREAT PFADD ' +
  'PFCOUNT PFMERGE PING PSETEX PSUBSCRIBE PUBSUB PTTL PUBLISH PUNSUBSCRIBE RANDOMKEY READONLY READWRITE RENAME ' +
  'RENAMENX RESTORE ROLE RPOP RPOPLPUSH RPUSH RPUSHX SADD SCARD SCRIPT SDIFF SDIFFSTORE SELECT SET SETBIT SETEX ' +
  'SETNX SETRANGE SINTER SINTERSTORE SISMEMBER SLOWLOG SMEMBERS SMOVE SORT SPOP SRANDMEMBER SREM STRLEN SUBSCRIBE ' +
  'SUNION SUNIONSTORE SWAPDB TIME TOUCH TTL TYPE UNSUBSCRIBE UNLINK UNWATCH WAIT WATCH ZADD ZCARD ZCOUNT ZINCRBY ' +
  'ZINTERSTORE ZLEXCOUNT ZPOPMAX ZPOPMIN ZRANGE ZRANGEBYLEX ZREVRANGEBYLEX ZRANGEBYSCORE ZRANK ZREM ZREMRANGEBYLEX ' +
  'ZREMRANGEBYRANK ZREMRANGEBYSCORE ZREVRANGE ZREVRANGEBYSCORE ZREVRANK ZSCORE ZUNIONSTORE SCAN SSCAN HSCAN ZSCAN ' +
  'XINFO XADD XTRIM XDEL XRANGE XREVRANGE XLEN XREAD XGROUP XREADGROUP XACK XCLAIM XPENDING GEORADIUS_RO ' +
  'GEORADIUSBYMEMBER_RO LOLWUT XSETID SUBSTR'
).split(' ')

export interface CommandRename {
  /** Upper case. */
  readonly command: string
  /** Undefined where the command is blocked. */
  readonly newName: string | undefined
}

/** Undefined when the text is not a list of pairs as AWS wants them. */
export function parseRenames(text: string): readonly CommandRename[] | undefined {
  const words = text.split(/\s+/).filter(word => word !== '')
  if (words.length % 2 !== 0) return undefined
  const renames: CommandRename[] = []
  for (let at = 0; at < words.length; at += 2) {
    const [command, newName] = [words[at]?.toUpperCase() ?? '', words[at + 1] ?? '']
    if (!renamableCommands.includes(command) || !/^[a-zA-Z0-9]{1,20}$/.test(newName)) return undefined
    renames.push({ command, newName: newName.toLowerCase() === 'blocked' ? undefined : newName })
  }
  return renames
}
