// The scripts of write-behind. One partition's stream, lease and fence counter are siblings.
import { script } from '../client/script.ts'

/** KEYS stream · ARGV  longest backlog, key, payload · Answers the entry's id, or 0 when the backlog is full. */
export const APPEND = script(`
if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
return redis.call('XADD', KEYS[1], '*', 'k', ARGV[2], 'v', ARGV[3])
`)

/**
 * Become or stay the one worker of a partition.
 *
 * KEYS  lease, fence · ARGV  token, lease ms · Answers the fencing number, or 0 when another worker has it.
 */
export const CLAIM = script(`
local holder = redis.call('GET', KEYS[1])
if holder == ARGV[1] then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return tonumber(redis.call('GET', KEYS[2]))
end
if holder then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return redis.call('INCR', KEYS[2])
`)

/**
 * Entries are written: forget them. Only while the partition is ours, so a worker that was frozen cannot acknowledge
 * what its successor is writing.
 *
 * KEYS  stream, lease · ARGV  token, group, ids… · Answers the number acknowledged, or -1 when the lease is lost.
 */
export const ACK = script(`
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return -1 end
local ids = {}
for i = 3, #ARGV do ids[#ids + 1] = ARGV[i] end
redis.call('XACK', KEYS[1], ARGV[2], unpack(ids))
return redis.call('XDEL', KEYS[1], unpack(ids))
`)

/**
 * An entry that can never be written goes to the dead letters, with the reason, in one step.
 *
 * KEYS  stream, lease, dead · ARGV  token, group, id, key, payload, reason · Answers 1, or -1 when the lease is lost.
 */
export const BURY = script(`
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return -1 end
redis.call('XADD', KEYS[3], '*', 'id', ARGV[3], 'k', ARGV[4], 'v', ARGV[5], 'reason', ARGV[6])
redis.call('XACK', KEYS[1], ARGV[2], ARGV[3])
redis.call('XDEL', KEYS[1], ARGV[3])
return 1
`)

/** Give the partition up. KEYS lease · ARGV token · Answers 1 when it was ours. */
export const YIELD = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`)
