/** Which availability zone each new node stands in. */
import { placeNodes } from '@hotshelf/domain'
import { combination, invalid } from './refusals.ts'

export interface ZoneRequest {
  readonly count: number
  readonly azMode: string | undefined
  readonly zone?: string | undefined
  readonly zones: readonly string[]
  readonly existing: readonly string[]
  /** Zones of the cluster's subnets, in order. */
  readonly possible: readonly string[]
}

export interface ZoneAnswer {
  readonly crossAz: boolean
  /** One per new node. */
  readonly zones: readonly string[]
}

export function chooseZones(request: ZoneRequest): ZoneAnswer {
  const { count, azMode, zone, zones, existing, possible } = request
  if (azMode !== undefined && azMode !== 'cross-az' && azMode !== 'single-az')
    throw invalid(`Invalid AZ Mode: ${azMode}. Valid values: single-az, cross-az.`)
  const total = existing.length + count
  if (azMode === 'cross-az' && total < 2) throw combination('AZMode cross-az requires at least two cache nodes.')
  // AWS's words, as its customers report them.
  if (zones.length > 0 && zones.length !== count)
    throw combination('Must specify the same number of preferred availability zones as requested number of nodes.')
  const several = zone?.toLowerCase() === 'multiple'
  const strange = [...zones, ...(zone === undefined || several ? [] : [zone])].find(one => !possible.includes(one))
  if (strange !== undefined) throw invalid(`${strange} is not an availability zone of the cache subnet group.`)
  const all = new Set([...existing, ...zones])
  if (azMode === 'single-az' && all.size > 1)
    throw combination('AZMode single-az does not allow cache nodes in more than one Availability Zone.')
  const crossAz = azMode === 'cross-az' || (azMode === undefined && (all.size > 1 || several))
  const one = zone !== undefined && !several ? zone : (existing[0] ?? possible[0] ?? '')
  const wanted = Array.from({ length: count }, (_, at) => zones[at] ?? (crossAz ? undefined : one))
  return { crossAz, zones: placeNodes(possible, [{ existing, wanted }])[0] ?? [] }
}
