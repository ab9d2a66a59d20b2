/** The availability zones of the region: those that subnets can be in. */
import { applyFilters, type FilterTable } from '../filters.ts'
import type { Operation } from '../operation.ts'
import { invalidValue } from '../refusals.ts'
import { type Zone, zonesWithIds } from '../zones.ts'

export const describeAvailabilityZones: Operation<'DescribeAvailabilityZones'> = (input, call) => {
  const zones = zonesWithIds(call)
  const unknown = [
    ...(input.ZoneNames ?? []).filter(name => !zones.some(zone => zone.name === name)),
    ...(input.ZoneIds ?? []).filter(id => !zones.some(zone => zone.id === id)),
  ]
  if (unknown.length > 0) throw invalidValue(`Invalid availability zone: [${unknown.join(', ')}]`)
  const named = zones.filter(
    zone =>
      (!input.ZoneNames?.length || input.ZoneNames.includes(zone.name)) &&
      (!input.ZoneIds?.length || input.ZoneIds.includes(zone.id)),
  )
  const { region } = call
  const found = applyFilters(
    named.map(zone => ({ ...zone, region, tags: [] })),
    input.Filters,
    filters,
  )
  return {
    AvailabilityZones: found.map(({ name, id }) => ({
      ZoneName: name,
      ZoneId: id,
      RegionName: region,
      GroupName: `${region}-zg-1`,
      NetworkBorderGroup: region,
      State: 'available',
      OptInStatus: 'opt-in-not-required',
      ZoneType: 'availability-zone',
      Messages: [],
    })),
  }
}

const filters: FilterTable<Zone & { readonly region: string; readonly tags: readonly never[] }> = {
  'group-name': ({ region }) => [`${region}-zg-1`],
  'opt-in-status': () => ['opt-in-not-required'],
  'region-name': ({ region }) => [region],
  state: () => ['available'],
  'zone-id': ({ id }) => [id],
  'zone-name': ({ name }) => [name],
  'zone-type': () => ['availability-zone'],
}
