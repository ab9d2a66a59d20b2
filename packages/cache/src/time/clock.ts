// Time and chance as parameters, so expiry, jitter and early refresh are tested without sleeping. `now` is wall time in
// milliseconds: expiry instants are shared between processes through the server, so a monotonic clock would not do.

export interface Clock {
  now(): number
  random(): number
}

export const systemClock: Clock = { now: Date.now, random: Math.random }
