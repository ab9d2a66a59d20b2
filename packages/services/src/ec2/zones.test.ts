import { expect, test } from 'vitest'
import { zoneId } from './zones.ts'

test.each([
  ['us-east-1', 'us-east-1a', 'use1-az1'],
  ['ap-northeast-1', 'ap-northeast-1c', 'apne1-az3'],
  ['eu-central-2', 'eu-central-2b', 'euc2-az2'],
  ['us-gov-west-1', 'us-gov-west-1a', 'usgw1-az1'],
])('in %s the zone %s has the id %s', (region, zone, id) => {
  expect(zoneId(region, zone)).toBe(id)
})
