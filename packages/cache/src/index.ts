// The package's public face. Parts that need an optional peer have an entry point of their own (see package.json).
export { bind, Connection, type BoundOptions, type RunOptions } from './connection/connection.ts'
export { connect } from './connection/connect.ts'
export { type ConnectOptions, type TlsOptions } from './connection/options.ts'
export { type Credentials, type CredentialsProvider } from './connection/credentials.ts'
export { iamCredentials, type AwsCredentials, type IamOptions } from './connection/iam.ts'
export { closeReused, reuse } from './connection/reuse.ts'
export { type ConnectionEvent } from './connection/events.ts'
export { type BreakerOptions, type BreakerState } from './connection/breaker.ts'
export { type Sendable } from './connection/call.ts'
export {
  type Argument,
  type Client,
  type ClientEvent,
  type ClientNode,
  type Command,
  type Reply,
  type SubscribeOptions,
  type SubscriptionKind,
  type Unsubscribe,
} from './client/port.ts'
export { fromNodeRedis, type NodeRedisClient } from './client/from-node-redis.ts'
export { type NodeRedisCluster } from './client/from-node-redis-cluster.ts'
export { fromIoredis, type IoredisClient } from './client/from-ioredis.ts'
export { fromGlide, type GlideClient } from './client/from-glide.ts'
export { withReader } from './client/reader-pair.ts'
export { script, type Script } from './client/script.ts'
export { Cache } from './cache/cache.ts'
export { type CacheOptions, type EntryOptions, type LoadContext, type Loader } from './cache/options.ts'
export { type LoadMany } from './cache/load-many.ts'
export { cached, keyOf, type WrapOptions } from './cache/wrap.ts'
export { repository, type Repository, type RepositoryOptions } from './cache/write-through.ts'
export {
  BacklogFull,
  type BehindEntry,
  WriteBehind,
  type WriteBehindEvent,
  type WriteBehindOptions,
  type WriteContext,
} from './write-behind/write-behind.ts'
export { type Limit, type RateLimit, RateLimiter, type RateLimiterOptions } from './rate-limit/rate-limiter.ts'
export { type HttpResponse, type MiddlewareOptions, rateLimitHeaders, rateLimitMiddleware } from './rate-limit/http.ts'
export { type LockOptions, type Locks, locks, redlock, semaphore } from './lock/locks.ts'
export { Lock } from './lock/held.ts'
export { LockLost, LockNotAcquired } from './lock/errors.ts'
export { type SessionOptions, Sessions } from './session/sessions.ts'
export { type HttpSessionStore, httpSessionStore, type HttpSessionStoreOptions } from './session/http-session-store.ts'
export { type Estimate, estimate, type EstimateOptions, measuredEstimate } from './observe/estimate.ts'
export { prometheusText } from './observe/prometheus.ts'
export { Leaderboard, type LeaderboardOptions, type Standing } from './leaderboard/leaderboard.ts'
export { Channel, type ChannelOptions, type Subscriber } from './pub-sub/channel.ts'
export {
  type ConsumeOptions,
  EventStream,
  type EventStreamOptions,
  type Lag,
  type StreamEvent,
} from './event-stream/event-stream.ts'
export { ActiveUsers, Counter, type CounterOptions, UniqueCounter } from './counter/counter.ts'
export { type Near, Places, type Position, type SearchOptions } from './geo/geo.ts'
export { json, raw, structured, type Codec } from './codec/codec.ts'
export { brotli, gzip, zstd, type CompressionOptions, type Compressor } from './codec/compression.ts'
export { type StandardSchema } from './codec/schema.ts'
export { type MemoryOptions } from './two-level/memory.ts'
export { type CacheEvent } from './observe/events.ts'
export { hitRate, type CacheStats } from './observe/stats.ts'
export { type Duration } from './time/duration.ts'
export { systemClock, type Clock } from './time/clock.ts'
export {
  CacheUnavailable,
  CorruptValue,
  EngineError,
  InvalidOption,
  LoadTimeout,
  SchemaMismatch,
  Uncacheable,
} from './errors.ts'
