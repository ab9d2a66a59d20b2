/** The parameter group of a group: it must exist and be of the engine version's family; without a name, the default one. */
import {
  defaultParameterGroupName,
  effectiveParameters,
  type EngineVersion,
  fault,
  type ParameterGroupDesired,
} from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'
import { familyOf, requireUsable } from '../parameter-group/find.ts'
import { type ClusterModeAnswer, type ClusterModeQuestion, decideClusterMode } from './cluster-mode.ts'

export interface ParameterGroupChoice extends ClusterModeAnswer {
  readonly parameterGroup: string
}

export async function chooseParameterGroup(
  name: string | undefined,
  version: EngineVersion,
  question: Pick<ClusterModeQuestion, 'asked' | 'shards'>,
  call: Call,
): Promise<ParameterGroupChoice> {
  if (!name) {
    const answer = decideClusterMode({ ...question, group: undefined })
    return { ...answer, parameterGroup: defaultParameterGroupName(version.family, answer.clusterMode === 'enabled') }
  }
  const { desired } = await requireUsable(call.store, scopeOf(call), name)
  requireFamily(version.family, desired)
  const group = { name: desired.name, clusterEnabled: enablesCluster(desired) }
  return { ...decideClusterMode({ ...question, group }), parameterGroup: desired.name }
}

/** The wording is AWS's. */
export function requireFamily(expected: string, { family }: ParameterGroupDesired): void {
  if (family !== expected)
    throw fault(
      'InvalidParameterCombinationException',
      `Expected a parameter group of family ${expected} but found one of family ${family}`,
    )
}

export const enablesCluster = (group: ParameterGroupDesired): boolean =>
  effectiveParameters(familyOf(group), group.values)['cluster-enabled'] === 'yes'
