/** Which parameter group goes with which engine version, and which families there are. */
import { isParameterFamily, type ParameterFamily } from '../catalog/parameters/families.ts'
import { fault } from '../faults.ts'

/** CacheParameterGroupFamily of a request. The wording is ours. */
export function requireParameterFamily(text: string | undefined): ParameterFamily {
  if (text !== undefined && isParameterFamily(text)) return text
  throw fault(
    'InvalidParameterValueException',
    `CacheParameterGroupFamily ${text ?? ''} is not a valid parameter group family.`,
  )
}

/** A group may only be used with versions of its own family. The wording is AWS's. */
export function requireFamilyMatch(expected: string, found: string): void {
  if (expected === found) return
  throw fault(
    'InvalidParameterCombinationException',
    `Expected a parameter group of family ${expected} but found one of family ${found}`,
  )
}
