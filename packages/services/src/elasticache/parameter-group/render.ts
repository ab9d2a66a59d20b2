/** Parameter groups and parameters as AWS shows them. */
import type { CacheNodeTypeSpecificParameter, CacheParameterGroup, Parameter } from '@aws-sdk/client-elasticache'
import type { NodeTypeParameterDefinition, ParameterDefinition } from '@hotshelf/domain'
import type { FoundParameterGroup } from './find.ts'

export const renderParameterGroup = ({ arn, desired }: FoundParameterGroup): CacheParameterGroup => ({
  CacheParameterGroupName: desired.name,
  CacheParameterGroupFamily: desired.family,
  Description: desired.description,
  IsGlobal: false,
  ARN: arn,
})

/** `user` for exactly what a customer set, even to the default itself; `system` for everything else. */
export type ParameterSource = 'user' | 'system'

export const renderParameter = (
  definition: ParameterDefinition,
  value: string | undefined,
  source: ParameterSource,
): Parameter => ({ ...common(definition), ...(value !== undefined && { ParameterValue: value }), Source: source })

export const renderNodeTypeParameter = (definition: NodeTypeParameterDefinition): CacheNodeTypeSpecificParameter => ({
  ...common(definition),
  Source: 'system',
  CacheNodeTypeSpecificValues: definition.values.map(({ nodeType, value }) => ({
    CacheNodeType: nodeType,
    Value: value,
  })),
})

const common = (definition: Omit<ParameterDefinition, 'value'>) => ({
  ParameterName: definition.name,
  Description: definition.description,
  DataType: definition.dataType,
  ...(definition.allowedValues !== undefined && { AllowedValues: definition.allowedValues }),
  IsModifiable: definition.modifiable !== 'never',
  MinimumEngineVersion: definition.minimumEngineVersion,
  ChangeType: definition.changeType,
})
