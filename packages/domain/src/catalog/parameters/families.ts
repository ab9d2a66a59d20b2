/**
 * Parameter group families and the groups that exist without anybody creating them.
 * A default group of a family that can cluster comes in two: plain, and `.cluster.on`, whose only difference is
 * `cluster-enabled yes`. Both have the same family: there is no family with `.cluster.on` in its name.
 */
import type { ParameterGroupDesired } from '../../resources/parameter-group.ts'
import type { EngineKind } from '../engine-versions.ts'

/** In the order in which one grew out of the other: every family inherits from the one before, per engine line. */
export const redisLine = [
  'redis2.6',
  'redis2.8',
  'redis3.2',
  'redis4.0',
  'redis5.0',
  'redis6.x',
  'redis7',
  'valkey7',
  'valkey8',
  'valkey9',
] as const
export const memcachedLine = ['memcached1.4', 'memcached1.5', 'memcached1.6'] as const

export type RedisFamily = (typeof redisLine)[number]
export type MemcachedFamily = (typeof memcachedLine)[number]
export type ParameterFamily = RedisFamily | MemcachedFamily

export const parameterFamilies: readonly ParameterFamily[] = [...memcachedLine, ...redisLine]

/** The version that a family's parameters exist from, unless the parameter came later. */
export const firstVersionOf: Readonly<Record<ParameterFamily, string>> = {
  'redis2.6': '2.6.13',
  'redis2.8': '2.8.6',
  'redis3.2': '3.2.4',
  'redis4.0': '4.0.10',
  'redis5.0': '5.0.0',
  'redis6.x': '6.0.0',
  redis7: '7.0.0',
  valkey7: '7.2.0',
  valkey8: '8.0.0',
  valkey9: '9.0.0',
  'memcached1.4': '1.4.5',
  'memcached1.5': '1.5.10',
  'memcached1.6': '1.6.6',
}

export const isParameterFamily = (text: string): text is ParameterFamily => Object.hasOwn(firstVersionOf, text)

export const isMemcachedFamily = (family: ParameterFamily): family is MemcachedFamily => family.startsWith('memcached')

export function familyEngine(family: ParameterFamily): EngineKind {
  if (isMemcachedFamily(family)) return 'memcached'
  return family.startsWith('valkey') ? 'valkey' : 'redis'
}

/** From Redis 3.2 on. */
export const familyCanCluster = (family: ParameterFamily): boolean =>
  !isMemcachedFamily(family) && redisLine.indexOf(family) >= redisLine.indexOf('redis3.2')

const clusterSuffix = '.cluster.on'

export const defaultParameterGroupName = (family: string, clusterMode: boolean): string =>
  `default.${family}${clusterMode ? clusterSuffix : ''}`

/** Every default group, in the order DescribeCacheParameterGroups lists them (by name). */
export const defaultParameterGroups: readonly ParameterGroupDesired[] = parameterFamilies
  .flatMap(family => [
    {
      name: defaultParameterGroupName(family, false),
      family,
      description: `Default parameter group for ${family}`,
      values: {},
    },
    ...(familyCanCluster(family)
      ? [
          {
            name: defaultParameterGroupName(family, true),
            family,
            description: `Customized default parameter group for ${family} with cluster mode on`,
            values: { 'cluster-enabled': 'yes' },
          },
        ]
      : []),
  ])
  .toSorted((a, b) => (a.name < b.name ? -1 : 1))

const defaultGroupsByName = new Map(defaultParameterGroups.map(group => [group.name, group]))

export const defaultParameterGroup = (name: string): ParameterGroupDesired | undefined => defaultGroupsByName.get(name)

/** The family of a default group, by the group's name; undefined for customers' groups. */
export const parameterFamilyOf = (group: string): ParameterFamily | undefined => {
  const family = defaultParameterGroup(group)?.family
  return family !== undefined && isParameterFamily(family) ? family : undefined
}

/** Default groups belong to AWS: they can be used, never changed or deleted. */
export const isDefaultParameterGroup = (name: string): boolean => name.startsWith('default.')
