// The package's public face: a store of the domain's kind on SQLite or PostgreSQL.
export { StoreUnusable } from './errors.ts'
export { openStore, type OpenStore, type StoreOptions } from './open-store.ts'
export { loadSealKey } from './seal-key.ts'
