import { expect, test } from 'vitest'
import { requireSubnets, requireSubnetsStay } from './subnets.ts'

const subnet = (id: string, vpcId = 'vpc-1', availabilityZone = `zone-of-${id}`) => ({ id, vpcId, availabilityZone })

test('subnets come back in the order they were asked for, once each', () => {
  const found = [subnet('b'), subnet('a')]
  expect(requireSubnets(['a', 'b', 'a'], found).map(({ id }) => id)).toEqual(['a', 'b'])
})

test.each([
  [['a', 'x'], [subnet('a')], 'InvalidParameterValueException', 'Some input subnets in :[a, x] are invalid.'],
  [[], [], 'InvalidParameterValueException', 'SubnetIds must be provided'],
  [['a', 'b'], [subnet('a'), subnet('b', 'vpc-2')], 'InvalidSubnet', 'Subnets a and b are not in the same VPC.'],
  [
    Array.from({ length: 21 }, (_, at) => `s${at}`),
    [],
    'CacheSubnetQuotaExceededFault',
    'subnets in a cache subnet group',
  ],
])('%j is refused as %s', (asked, found, name, message) => {
  expect(() => requireSubnets(asked, found)).toThrow(
    expect.objectContaining({ name, message: expect.stringContaining(message) }),
  )
})

test('a zone that nodes live in must not lose its last subnet', () => {
  const present = [subnet('a', 'vpc-1', 'z1'), subnet('b', 'vpc-1', 'z2')]
  expect(() => requireSubnetsStay(present, [subnet('a', 'vpc-1', 'z1')], ['z1'])).not.toThrow()
  expect(() => requireSubnetsStay(present, [subnet('c', 'vpc-1', 'z2')], ['z2'])).not.toThrow()
  expect(() => requireSubnetsStay(present, [subnet('a', 'vpc-1', 'z1')], ['z2'])).toThrow(
    expect.objectContaining({ name: 'SubnetInUse' }),
  )
})
