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
