// The scripts of the cache. Each works on siblings of one slot and is one round trip.
import { script } from '../client/script.ts'

/**
 * Become the one who loads a key, or learn why not.
 *
 * KEYS  entry, lease · ARGV  token, lease ms, bytes 5–10 of the stale entry being replaced ('' for none)
 * Answers the entry when someone has filled it meanwhile, 1 when the lease is ours, or {ms left} when another's.
 */
export const LEASE = script(`
local entry = redis.call('GET', KEYS[1])
if entry and (ARGV[3] == '' or string.sub(entry, 5, 10) ~= ARGV[3]) then return entry end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return {redis.call('PTTL', KEYS[2])}
`)

/**
 * Store what was loaded, if the lease is still ours: a delete meanwhile took it away, and then the value may be old.
 * Wakes those who wait either way, since ours was the load they waited for.
 *
 * KEYS  entry, lease · ARGV  token, bytes ('' to store nothing), ttl ms, channel
 * Answers 1 when stored or released, 0 when the lease was lost.
 */
export const FILL = script(`
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[2])
if ARGV[2] ~= '' then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
redis.call('PUBLISH', ARGV[4], '1')
return 1
`)

/**
 * Forget an entry, and take the lease from whoever is loading it, so that what they load is not stored.
 *
 * KEYS  entry, lease · Answers 1 when there was an entry.
 */
export const FORGET = script(`
redis.call('DEL', KEYS[2])
return redis.call('UNLINK', KEYS[1])
`)

/**
 * Store a value given by the application: newer than anything being loaded, so the lease goes too.
 *
 * KEYS  entry, lease · ARGV  bytes, ttl ms · Answers OK.
 */
export const PUT = script(`
redis.call('DEL', KEYS[2])
return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
`)

/**
 * The version of a tag, made when it has none.
 *
 * KEYS  tag · ARGV  version to give it, ttl ms · Answers the version.
 */
export const TAG_VERSION = script(`
local version = redis.call('GET', KEYS[1])
if version then return version end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]
`)

/**
 * Keep a lease while its load goes on.
 *
 * KEYS  lease · ARGV  token, lease ms · Answers 1 while it is ours.
 */
export const EXTEND = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`)
