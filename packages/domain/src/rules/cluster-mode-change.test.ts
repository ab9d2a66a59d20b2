import { expect, test } from 'vitest'
import { type ClusterModeChange, requireClusterModeChange } from './cluster-mode-change.ts'

const change = (over: Partial<ClusterModeChange>): ClusterModeChange => ({
  from: 'disabled',
  to: 'compatible',
  engine: 'redis',
  engineVersion: '7.1',
  automaticFailover: true,
  replicas: 1,
  ...over,
})

test.each<Partial<ClusterModeChange>>([
  {},
  { engine: 'valkey', engineVersion: '7.2' },
  { from: 'compatible', to: 'enabled' },
  { from: 'enabled', to: 'enabled', replicas: 0 },
  { from: 'disabled', to: 'disabled', automaticFailover: false, engineVersion: '6.2' },
])('%j is a way', over => {
  expect(() => requireClusterModeChange(change(over))).not.toThrow()
})

test.each<[Partial<ClusterModeChange>, string]>([
  [{ to: 'enabled' }, 'first set ClusterMode to compatible'],
  [{ from: 'compatible', to: 'disabled' }, 'cannot be changed from compatible back to disabled'],
  [{ from: 'enabled', to: 'compatible' }, 'cannot be changed from enabled back to compatible'],
  [{ engineVersion: '6.2' }, 'is not supported for redis version 6.2. It is available from version 7.0.'],
  [{ automaticFailover: false }, 'requires automatic failover'],
  [{ replicas: 0 }, 'at least one replica'],
])('%j is refused', (over, message) => {
  expect(() => requireClusterModeChange(change(over))).toThrow(message)
})
