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
export { keySlot } from './key-slot.ts'
export { postgresMissing, type PostgresServer, startPostgres } from './postgres.ts'
export { RespClient, RespError, type RespReply } from './resp-client.ts'
export { beatMs, type FakeConnection, type FakeEngines, fakeEngines, type FakeNode } from './fake-engine.ts'
export {
  type CacheEngineSuite,
  type Customer,
  describeCacheEngine,
  type EngineWorld,
  type NodeUnderTest,
} from './conformance/cache-engine.ts'
export { describeNodeProvider, type NodeMachine, type NodeProviderSuite } from './conformance/node-provider.ts'
export {
  describeEndpointProvider,
  type EndpointMachine,
  type EndpointProviderSuite,
  forwardingTitles,
} from './conformance/endpoint-provider.ts'
export { fakeEndpoints, type FakeEndpoints } from './fake-endpoints.ts'
export { fakeMachine, type FakeMachine, type FakeProcesses } from './fake-provider.ts'
export { settle, type SettleOptions } from './settle.ts'
export { type Terraform, terraformMissing, terraformOn, type TerraformResult } from './terraform.ts'
export {
  describeSnapshotStorage,
  type SnapshotStorageSuite,
  type StoragePlace,
} from './conformance/snapshot-storage.ts'
