// The package's public face: adapters that speak to engines, and the few facts about engines that others may ask for.
export { pickEngine } from './pick.ts'
export { type RedisFamilyOptions, redisFamilyEngine } from './redis-family/engine.ts'
export { needsRestart } from './redis-family/live-config.ts'
export { commandName, type RenamedCommand, renamedCommands } from './redis-family/restricted-commands.ts'
export { memcachedEngine } from './memcached/engine.ts'
export { rdbFormat } from './rdb/format.ts'
