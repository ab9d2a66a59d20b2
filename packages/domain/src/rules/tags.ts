/**
 * Tags: a key of 1 to 128 and a value of up to 256 characters, at most fifty on a resource, `aws:` being AWS's own.
 * The order in which they were given is kept; a key given twice counts with its last value.
 */
import { requireWithinQuota } from '../catalog/quotas.ts'
import { type Fault, fault } from '../faults.ts'
import type { Tag } from '../resources/tag.ts'

const longestKey = 128
const longestValue = 256

/** `present` are the resource's tags so far: new ones with the same key replace them. */
export function requireTags(given: readonly Tag[], present: readonly Tag[] = []): readonly Tag[] {
  for (const { key, value } of given) {
    requireTagKey(key)
    if (value.length > longestValue) {
      throw invalid(`The tag value of ${key} must not have more than ${longestValue} characters.`)
    }
  }
  const merged = new Map([...present, ...given].map(tag => [tag.key, tag]))
  requireWithinQuota('tagsPerResource', merged.size)
  return [...merged.values()]
}

/** The words for the reserved prefix are AWS's, the others ours. */
export function requireTagKey(key: string): void {
  if (key === '') throw invalid('The parameter Tag.Key must be provided and must not be blank.')
  if (key.length > longestKey) throw invalid(`A tag key must not have more than ${longestKey} characters.`)
  if (key.toLowerCase().startsWith('aws:')) {
    throw invalid('aws: prefixed tag key names are not allowed for external use.')
  }
}

const invalid = (message: string): Fault => fault('InvalidParameterValueException', message)
