/**
 * All parameters of a family, and the values a node runs with: the family's defaults, the node type's own values over
 * them, the customer's over both. Values are text as AWS and the customer write them.
 */
import type { NodeType } from '../node-types.ts'
import { byParameterName, type ParameterDefinition, type ParameterValues } from './definition.ts'
import { isMemcachedFamily, isParameterFamily, type ParameterFamily, parameterFamilies } from './families.ts'
import { memcachedFamilyParameters } from './memcached-parameters.ts'
import { nodeTypeValues } from './node-type-parameters.ts'
import { redisEncodingParameters } from './redis-encoding-parameters.ts'
import { inFamily } from './redis-parameter.ts'
import { redisParameters } from './redis-parameters.ts'
import { valkeyParameters } from './valkey-parameters.ts'

function collect(family: ParameterFamily): readonly ParameterDefinition[] {
  if (isMemcachedFamily(family)) return memcachedFamilyParameters(family).toSorted(byParameterName)
  return [...redisParameters, ...redisEncodingParameters, ...valkeyParameters]
    .map(parameter => inFamily(parameter, family))
    .filter(definition => definition !== undefined)
    .toSorted(byParameterName)
}

const definitions: ReadonlyMap<string, readonly ParameterDefinition[]> = new Map(
  parameterFamilies.map(family => [family, collect(family)]),
)

/**
 * In AWS's order; empty for what is no family. The default of `cluster-enabled` is `no`; the `.cluster.on` groups say
 * otherwise for themselves.
 */
export const familyParameters = (family: string): readonly ParameterDefinition[] => definitions.get(family) ?? []

export const familyParameter = (family: string, name: string): ParameterDefinition | undefined =>
  familyParameters(family).find(definition => definition.name === name)

/**
 * What a node of this type runs with. Parameters without a value (`notify-keyspace-events`) are the empty text.
 * Overrides of names that the family does not have are left out: a group may outlive a change of its family's list.
 */
export function effectiveParameters(family: string, overrides: ParameterValues, type?: NodeType): ParameterValues {
  const defaults = familyParameters(family).map(({ name, value }) => [name, value ?? ''] as const)
  const known = new Set(defaults.map(([name]) => name))
  return {
    ...Object.fromEntries(defaults),
    ...(type && isParameterFamily(family) ? nodeTypeValues(family, type) : {}),
    ...Object.fromEntries(Object.entries(overrides).filter(([name]) => known.has(name))),
  }
}

/** Names whose effective value differs, sorted: what a change of group or values means for a running node. */
export const changedParameters = (before: ParameterValues, after: ParameterValues): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(name => before[name] !== after[name]).toSorted()
