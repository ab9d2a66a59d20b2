import { expect, test } from 'vitest'
import {
  compareVersions,
  defaultEngineVersion,
  describeEngineVersions,
  type EngineKind,
  engineVersions,
  resolveEngineVersion,
} from './engine-versions.ts'

test.each([
  ['redis', '7.1', '7.1', 'redis7'],
  ['redis', '7', '7.1', 'redis7'],
  ['redis', '7.x', '7.1', 'redis7'],
  ['redis', '6.x', '6.2', 'redis6.x'],
  ['redis', '6.2', '6.2', 'redis6.x'],
  ['redis', '5.0.6', '5.0.6', 'redis5.0'],
  ['redis', '5.0', '5.0.6', 'redis5.0'],
  ['redis', '3', '3.2.10', 'redis3.2'],
  ['redis', undefined, '7.1', 'redis7'],
  ['valkey', '8', '8.2', 'valkey8'],
  ['valkey', '7.2', '7.2', 'valkey7'],
  ['valkey', '9.0', '9.0', 'valkey9'],
  ['memcached', '1.6.22', '1.6.22', 'memcached1.6'],
  ['memcached', '1.6', '1.6.22', 'memcached1.6'],
  ['memcached', undefined, '1.6.22', 'memcached1.6'],
] as const)('%s %s means %s of family %s', (engine, requested, version, family) => {
  expect(resolveEngineVersion(engine, requested)).toMatchObject({ engine, version, family })
})

test.each([
  [
    'redis',
    '6.2.6',
    'InvalidParameterValueException',
    "Specific version selection is not allowed for '6.2.6', please use '6.2'",
  ],
  [
    'valkey',
    '8.0.1',
    'InvalidParameterValueException',
    "Specific version selection is not allowed for '8.0.1', please use '8.0'",
  ],
  ['redis', '4.0.13', 'InvalidParameterCombinationException', 'Cannot find version 4.0.13 for redis'],
  ['redis', '9.9', 'InvalidParameterCombinationException', 'Cannot find version 9.9 for redis'],
  ['valkey', '6.2', 'InvalidParameterCombinationException', 'Cannot find version 6.2 for valkey'],
  ['memcached', '1.6.99', 'InvalidParameterCombinationException', 'Cannot find version 1.6.99 for memcached'],
  ['redis', 'latest', 'InvalidParameterCombinationException', 'Cannot find version latest for redis'],
] as const)('%s %s is refused as %s', (engine, requested, name, message) => {
  expect(() => resolveEngineVersion(engine, requested)).toThrow(expect.objectContaining({ name, message }))
})

test.each([
  ['7.1', '7.0.15', 1],
  ['5.0.6', '5.0.6', 0],
  ['3.2.10', '3.2.4', 1],
  ['7', '7.0.0', 0],
  ['6.x', '6.0', 0],
  ['1.4.5', '1.4.14', -1],
])('%s against %s is %i', (a, b, sign) => {
  expect(compareVersions(a, b)).toBe(sign)
  expect(compareVersions(b, a)).toBe(0 - sign)
})

test('versions are described as AWS describes them', () => {
  expect(describeEngineVersions({ engine: 'redis', version: '6.2' })).toEqual([
    expect.objectContaining({
      engine: 'redis',
      version: '6.2',
      family: 'redis6.x',
      engineDescription: 'Redis',
      description: 'redis version 6.2.6',
    }),
  ])
  expect(describeEngineVersions({ family: 'memcached1.4' }).map(known => known.description)).toEqual([
    'memcached version 1.4.14',
    'memcached version 1.4.24',
    'memcached version 1.4.33',
    'memcached version 1.4.34',
    'memcached version 1.4.5',
  ])
})

test('the default of an engine is one version, the default of a family its newest', () => {
  expect(describeEngineVersions({ defaultOnly: true }).map(known => `${known.engine} ${known.version}`)).toEqual([
    'memcached 1.6.22',
    'redis 7.1',
    'valkey 8.0',
  ])
  expect(describeEngineVersions({ family: 'redis6.x', defaultOnly: true }).map(known => known.version)).toEqual(['6.2'])
  expect(describeEngineVersions({ engine: 'REDIS', defaultOnly: true })).toHaveLength(1)
})

test('every listed version resolves to itself, and rows are oldest first', () => {
  for (const known of engineVersions) expect(resolveEngineVersion(known.engine, known.version)).toBe(known)
  for (const engine of ['redis', 'valkey', 'memcached'] satisfies EngineKind[]) {
    const versions = engineVersions.filter(known => known.engine === engine).map(known => known.version)
    expect(versions).toEqual(versions.toSorted(compareVersions))
    expect(defaultEngineVersion(engine).offered).toBe(true)
  }
})
