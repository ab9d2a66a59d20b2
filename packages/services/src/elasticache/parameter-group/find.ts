/**
 * Parameter groups by name: a customer's, or one of the default groups, which exist without a row.
 * AWS words "not found" in three ways; which one depends on the operation.
 */
import {
  type Arn,
  defaultParameterGroup,
  elasticacheArn,
  fault,
  isDefaultParameterGroup,
  type ParameterFamily,
  type ParameterGroupDesired,
  type Scope,
  type Store,
} from '@hotshelf/domain'

export interface FoundParameterGroup {
  readonly arn: Arn
  readonly desired: ParameterGroupDesired
}

export async function findParameterGroup(
  store: Store,
  scope: Scope,
  name: string,
): Promise<FoundParameterGroup | undefined> {
  const lower = name.toLowerCase()
  const desired = defaultParameterGroup(lower)
  if (desired) return { arn: elasticacheArn(scope, 'parametergroup', lower), desired }
  return store.parameterGroups.find(scope, lower)
}

/** As the Describe operations word it. */
export async function requireDescribed(store: Store, scope: Scope, name: string): Promise<FoundParameterGroup> {
  const group = await findParameterGroup(store, scope, name)
  if (!group) throw fault('CacheParameterGroupNotFoundFault', `CacheParameterGroup ${name.toLowerCase()} not found.`)
  return group
}

/** For using it: as Create and Modify of a cache word it. */
export async function requireUsable(store: Store, scope: Scope, name: string): Promise<FoundParameterGroup> {
  const group = await findParameterGroup(store, scope, name)
  if (!group) throw fault('CacheParameterGroupNotFoundFault', `CacheParameterGroup not found: ${name.toLowerCase()}`)
  return group
}

/** For changing it: default groups belong to AWS. */
export async function requireChangeable(store: Store, scope: Scope, name: string): Promise<FoundParameterGroup> {
  const group = await requireUsable(store, scope, name)
  if (isDefaultParameterGroup(group.desired.name))
    throw fault(
      'InvalidParameterValueException',
      `The parameter group ${group.desired.name} is a default group and cannot be modified.`,
    )
  return group
}

/** Only families that the catalog has can be stored. */
export const familyOf = (group: Pick<ParameterGroupDesired, 'family'>): ParameterFamily =>
  group.family as ParameterFamily
