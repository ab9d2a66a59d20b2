import { expect, test } from 'vitest'
import { engineVersions } from '../engine-versions.ts'
import {
  defaultParameterGroup,
  defaultParameterGroupName,
  defaultParameterGroups,
  familyEngine,
  isParameterFamily,
  parameterFamilies,
} from './families.ts'

test('every engine version belongs to a family of its engine, and every family has a version', () => {
  for (const { engine, family } of engineVersions) {
    expect(isParameterFamily(family), family).toBe(true)
    if (isParameterFamily(family)) expect(familyEngine(family)).toBe(engine)
  }
  expect(new Set(engineVersions.map(({ family }) => family))).toEqual(new Set(parameterFamilies))
})

test('default groups exist for every family, with and without cluster mode from Redis 3.2 on', () => {
  expect(defaultParameterGroups.map(({ name }) => name)).toEqual([
    'default.memcached1.4',
    'default.memcached1.5',
    'default.memcached1.6',
    'default.redis2.6',
    'default.redis2.8',
    'default.redis3.2',
    'default.redis3.2.cluster.on',
    'default.redis4.0',
    'default.redis4.0.cluster.on',
    'default.redis5.0',
    'default.redis5.0.cluster.on',
    'default.redis6.x',
    'default.redis6.x.cluster.on',
    'default.redis7',
    'default.redis7.cluster.on',
    'default.valkey7',
    'default.valkey7.cluster.on',
    'default.valkey8',
    'default.valkey8.cluster.on',
    'default.valkey9',
    'default.valkey9.cluster.on',
  ])
})

test('a default group is described as AWS describes it, and the clustering one keeps the plain family', () => {
  expect(defaultParameterGroup('default.redis6.x')).toEqual({
    name: 'default.redis6.x',
    family: 'redis6.x',
    description: 'Default parameter group for redis6.x',
    values: {},
  })
  expect(defaultParameterGroup('default.redis7.cluster.on')).toEqual({
    name: 'default.redis7.cluster.on',
    family: 'redis7',
    description: 'Customized default parameter group for redis7 with cluster mode on',
    values: { 'cluster-enabled': 'yes' },
  })
  expect(defaultParameterGroup('default.redis5.0.6')).toBeUndefined()
})

test('names of default groups follow family and cluster mode', () => {
  expect(defaultParameterGroupName('valkey8', false)).toBe('default.valkey8')
  expect(defaultParameterGroupName('valkey8', true)).toBe('default.valkey8.cluster.on')
})
