// The package's public face. Imported by tests only.
export {
  dispose,
  eventually,
  freePort,
  freshDataDir,
  type Hotshelf,
  type HotshelfOptions,
  launchHotshelf,
  processesIn,
  startHotshelf,
  waitUntilReady,
} from './hotshelf.ts'
export {
  type EngineProcess,
  type EngineProcesses,
  engineProcesses,
  installedProgram,
  type PlaceWish,
  testGroup,
} from './engine-process.ts'
export {
  describeStore,
  describeStoreDurability,
  type RingingStore,
  type StoreSuite,
  type StoreUnderTest,
  type WritableStore,
} from './conformance/store.ts'
export { type Skip, type Suite, suiteOf } from './conformance/suite.ts'
export { postgresMissing, type PostgresServer, startPostgres } from './postgres.ts'
