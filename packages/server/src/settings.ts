/**
 * What can be known of a server without starting one: its settings, and who holds a data directory.
 * A face of its own (`@hotshelf/server/settings`), because commands that only ask a server need not load it.
 */
export { CannotStart } from './cannot-start.ts'
export { type Config, configFileIn, flagOf, type Setting, settings, variableOf } from './config.ts'
export { type ConfigSources, isLoopback, type ReadConfig, readConfig } from './read-config.ts'
export { holderOf, type ServerLock } from './data-directory.ts'
