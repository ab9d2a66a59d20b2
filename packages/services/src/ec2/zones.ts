/** Availability zone ids as AWS writes them: `use1-az1` is the first zone of us-east-1. */
import { type Call, zonesOf } from '../call.ts'

const compass: Readonly<Record<string, string>> = {
  north: 'n',
  south: 's',
  east: 'e',
  west: 'w',
  central: 'c',
  northeast: 'ne',
  northwest: 'nw',
  southeast: 'se',
  southwest: 'sw',
}

/** `ap-northeast-1` is `apne1`. */
const shortRegion = (region: string): string =>
  region
    .split('-')
    .map(part => compass[part] ?? (part === 'gov' ? 'g' : part))
    .join('')

export const zoneId = (region: string, zone: string): string =>
  `${shortRegion(region)}-az${(zone.codePointAt(zone.length - 1) ?? 97) - 96}`

export interface Zone {
  readonly name: string
  readonly id: string
}

export const zonesWithIds = (call: Pick<Call, 'region' | 'settings'>): readonly Zone[] =>
  zonesOf(call).map(name => ({ name, id: zoneId(call.region, name) }))
