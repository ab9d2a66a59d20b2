/** What a request on a Memcached cluster may not say. Codes are AWS's; so is the wording where AWS documents one. */
import { fault, type MemcachedClusterRow, memcachedClusterStatus } from '@hotshelf/domain'

export const invalid = (message: string) => fault('InvalidParameterValueException', message)
export const combination = (message: string) => fault('InvalidParameterCombinationException', message)

const redisOnly = ['AuthToken', 'AuthTokenUpdateStrategy', 'SnapshotName', 'SnapshotArns', 'SnapshotWindow'] as const

/** Features that Memcached does not have; ElastiCache's reference says of each that it is for Valkey and Redis OSS only. */
export function refuseRedisOnly(input: object): void {
  const given = input as Readonly<Record<string, unknown>>
  const name = redisOnly.find(one => {
    const value = given[one]
    return Array.isArray(value) ? value.length > 0 : value !== undefined
  })
  if (name) throw combination(`${name} is not supported for engine memcached.`)
  if (Number(given['SnapshotRetentionLimit'] ?? 0) > 0)
    throw combination('SnapshotRetentionLimit is not supported for engine memcached.')
  const logs = given['LogDeliveryConfigurations']
  if (Array.isArray(logs) && logs.length > 0)
    throw combination('LogDeliveryConfigurations is not supported for engine memcached.')
}

export function requireAvailable(row: MemcachedClusterRow): void {
  if (memcachedClusterStatus(row) !== 'available') throw notAvailable(row.name)
}

export const notAvailable = (id: string) =>
  fault('InvalidCacheClusterStateFault', `Cache cluster ${id} is not in available state.`)
