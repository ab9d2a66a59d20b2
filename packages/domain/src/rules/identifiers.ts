/**
 * Names that customers give. They are kept in lower case; a group's and a cluster's name becomes part of host names,
 * hence letters, digits and single hyphens only. Names of default parameter groups break the rule on purpose: that is
 * why deleting one is answered as an invalid value.
 */
import { type Fault, fault } from '../faults.ts'

/** Longest name per request parameter; 255 where AWS names no limit. */
const longest: Readonly<Record<string, number>> = {
  ReplicationGroupId: 40,
  CacheClusterId: 50,
  UserId: 40,
  UserGroupId: 40,
  ServerlessCacheName: 40,
  GlobalReplicationGroupIdSuffix: 40,
}

/**
 * The name in lower case, or AWS's fault. `parameter` is the request member, as AWS's message names it.
 * The words for a name that is too long are ours.
 */
export function requireIdentifier(parameter: string, value: string | undefined, maxLength?: number): string {
  if (value === undefined || value === '') {
    throw invalid(`The parameter ${parameter} must be provided and must not be blank.`)
  }
  if (!isIdentifier(value)) {
    throw invalid(
      `The parameter ${parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only ` +
        'ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.',
    )
  }
  const limit = maxLength ?? longest[parameter] ?? 255
  if (value.length > limit) throw invalid(`The parameter ${parameter} must not be longer than ${limit} characters.`)
  return value.toLowerCase()
}

export const isIdentifier = (text: string): boolean => /^[a-z](-?[a-z0-9])*$/i.test(text)

const invalid = (message: string): Fault => fault('InvalidParameterValueException', message)
