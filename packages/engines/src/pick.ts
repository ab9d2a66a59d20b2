/** Which adapter speaks to an installed engine. Memcached's will stand beside this one. */
import { Bug, type CacheEngine, type InstalledEngine } from '@hotshelf/domain'
import { type RedisFamilyOptions, redisFamilyEngine } from './redis-family/engine.ts'

/** Throws Bug for an engine that no adapter speaks to. */
export function pickEngine({ kind }: Pick<InstalledEngine, 'kind'>, options: RedisFamilyOptions = {}): CacheEngine {
  if (kind === 'valkey' || kind === 'redis') return redisFamilyEngine(options)
  throw new Bug(`no adapter speaks to ${kind}`)
}
