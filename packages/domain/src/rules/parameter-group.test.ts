import { expect, test } from 'vitest'
import { requireFamilyMatch, requireParameterFamily } from './parameter-group.ts'

test('families are known by their exact names', () => {
  expect(requireParameterFamily('redis6.x')).toBe('redis6.x')
  for (const text of ['redis6', 'redis7.cluster.on', 'Redis7', '', undefined]) {
    expect(() => requireParameterFamily(text)).toThrow(/is not a valid parameter group family/)
  }
})

test('a group of another family is refused in the words of AWS', () => {
  expect(() => requireFamilyMatch('redis7', 'redis7')).not.toThrow()
  expect(() => requireFamilyMatch('redis7', 'redis6.x')).toThrow(
    expect.objectContaining({
      name: 'InvalidParameterCombinationException',
      message: 'Expected a parameter group of family redis7 but found one of family redis6.x',
    }),
  )
})
