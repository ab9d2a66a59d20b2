/**
 * What each engine version can do for a customer, by the first version that can.
 * One table: a rule asks `supports`, never compares versions itself.
 */
import { compareVersions, type EngineKind } from './engine-versions.ts'

export type EngineFeature =
  | 'replication'
  | 'clusterMode'
  | 'automaticFailoverWithoutCluster'
  | 'transitEncryption'
  | 'transitEncryptionChange'
  | 'atRestEncryption'
  | 'authToken'
  | 'authTokenRotation'
  | 'rbac'
  | 'iamAuthentication'
  | 'slowLogDelivery'
  | 'engineLogDelivery'
  | 'dataTiering'
  | 'clusterModeChange'
  | 'onlineResharding'
  | 'onlineMigration'
  | 'globalDatastore'
  | 'autoMinorVersionUpgrade'
  | 'ipv6'
  | 'json'
  | 'vectorSearch'
  | 'functions'
  | 'durability'
  | 'databasesInClusterMode'
  | 'fiveHundredNodes'

type Since = Partial<Record<EngineKind, string>>

const valkeyAlways = '7.2'
const since: Readonly<Record<EngineFeature, Since>> = {
  replication: { redis: '2.6.13', valkey: valkeyAlways },
  clusterMode: { redis: '3.2.4', valkey: valkeyAlways },
  automaticFailoverWithoutCluster: { redis: '2.8.6', valkey: valkeyAlways },
  // 3.2.6 and 4.0.10 onward, but not 3.2.10: see `encryptionGap`.
  transitEncryption: { redis: '3.2.6', valkey: valkeyAlways, memcached: '1.6.12' },
  transitEncryptionChange: { redis: '7.0', valkey: valkeyAlways },
  atRestEncryption: { redis: '3.2.6', valkey: valkeyAlways },
  authToken: { redis: '3.2.6', valkey: valkeyAlways },
  authTokenRotation: { redis: '5.0.6', valkey: valkeyAlways },
  rbac: { redis: '6.0', valkey: valkeyAlways },
  iamAuthentication: { redis: '7.0', valkey: valkeyAlways },
  slowLogDelivery: { redis: '6.0', valkey: valkeyAlways },
  engineLogDelivery: { redis: '6.2', valkey: valkeyAlways },
  dataTiering: { redis: '6.2', valkey: valkeyAlways },
  clusterModeChange: { redis: '7.0', valkey: valkeyAlways },
  onlineResharding: { redis: '3.2.10', valkey: valkeyAlways },
  onlineMigration: { redis: '5.0.6', valkey: valkeyAlways },
  globalDatastore: { redis: '5.0.6', valkey: valkeyAlways },
  autoMinorVersionUpgrade: { redis: '6.0', valkey: valkeyAlways },
  ipv6: { redis: '6.2', valkey: valkeyAlways, memcached: '1.6.6' },
  json: { redis: '6.2', valkey: valkeyAlways },
  vectorSearch: { valkey: '8.2' },
  functions: { redis: '7.0', valkey: valkeyAlways },
  durability: { valkey: '9.0' },
  databasesInClusterMode: { valkey: '9.0' },
  fiveHundredNodes: { redis: '5.0.6', valkey: valkeyAlways },
}

/** Redis 3.2.10 was made for online resharding and left encryption out. */
const encryptionGap = '3.2.10'
const encryption: readonly EngineFeature[] = ['transitEncryption', 'atRestEncryption', 'authToken']

export function supports(feature: EngineFeature, engine: EngineKind, version: string): boolean {
  const first = since[feature][engine]
  if (first === undefined || compareVersions(version, first) < 0) return false
  return !(engine === 'redis' && version === encryptionGap && encryption.includes(feature))
}

/** For messages: `7.0`, or undefined where no version of the engine can. */
export const supportedSince = (feature: EngineFeature, engine: EngineKind): string | undefined => since[feature][engine]
