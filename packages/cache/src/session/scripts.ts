// The scripts of sessions. A session is a hash: d the data, e the instant it must end whatever happens, u its user.
import { script } from '../client/script.ts'

const NOW = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
`

/** KEYS session · ARGV data, ttl ms, longest life ms, user · Answers 1. */
export const CREATE = script(`${NOW}
local ends = now + tonumber(ARGV[3])
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'd', ARGV[1], 'e', string.format('%.0f', ends), 'u', ARGV[4])
redis.call('PEXPIRE', KEYS[1], math.min(tonumber(ARGV[2]), tonumber(ARGV[3])))
return 1
`)

/** Read and begin the ttl anew, in one step. KEYS session · ARGV ttl ms · Answers the data or nil. */
export const READ = script(`${NOW}
local state = redis.call('HMGET', KEYS[1], 'd', 'e')
if not state[1] then return false end
local left = tonumber(state[2]) - now
if left <= 0 then redis.call('UNLINK', KEYS[1]) return false end
redis.call('PEXPIRE', KEYS[1], math.min(tonumber(ARGV[1]), left))
return state[1]
`)

/** Change a session that is still there: one that was destroyed stays so. KEYS session · ARGV data, ttl ms · Answers 1 or 0. */
export const UPDATE = script(`${NOW}
local ends = redis.call('HGET', KEYS[1], 'e')
if not ends then return 0 end
local left = tonumber(ends) - now
if left <= 0 then redis.call('UNLINK', KEYS[1]) return 0 end
redis.call('HSET', KEYS[1], 'd', ARGV[1])
redis.call('PEXPIRE', KEYS[1], math.min(tonumber(ARGV[2]), left))
return 1
`)
