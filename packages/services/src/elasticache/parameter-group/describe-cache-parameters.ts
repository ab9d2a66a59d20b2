/**
 * What a parameter group says: every parameter of its family with the group's value and where it comes from.
 * Source `user` gives exactly what a customer set, text for text: infrastructure tools compare it.
 */
import { familyParameters, fault, isDefaultParameterGroup, nodeTypeParameters } from '@hotshelf/domain'
import { scopeOf } from '../../call.ts'
import type { Operation } from '../operation.ts'
import { familyOf, requireDescribed } from './find.ts'
import { isFirstPage, pageOfParameters } from './page.ts'
import { type ParameterSource, renderNodeTypeParameter, renderParameter } from './render.ts'

const sources: readonly string[] = ['user', 'system', 'engine-default']

export const describeCacheParameters: Operation<'DescribeCacheParameters'> = async (input, call) => {
  const { Source: wanted } = input
  if (wanted !== undefined && !sources.includes(wanted))
    throw fault(
      'InvalidParameterValueException',
      `Invalid value ${wanted} for Source. Valid values: ${sources.join(', ')}`,
    )
  const { desired } = await requireDescribed(call.store, scopeOf(call), input.CacheParameterGroupName ?? '')
  const isOwn = (name: string): boolean => Object.hasOwn(desired.values, name) && !isDefaultParameterGroup(desired.name)
  const sourceOf = (name: string): ParameterSource => (isOwn(name) ? 'user' : 'system')
  const definitions = familyParameters(familyOf(desired)).filter(
    ({ name }) => wanted === undefined || sourceOf(name) === wanted,
  )
  const { items, Marker } = pageOfParameters(definitions, input)
  const showTypes = isFirstPage(input) && (wanted === undefined || wanted === 'system')
  return {
    Parameters: items.map(definition =>
      renderParameter(definition, desired.values[definition.name] ?? definition.value, sourceOf(definition.name)),
    ),
    CacheNodeTypeSpecificParameters: showTypes
      ? nodeTypeParameters(familyOf(desired)).map(renderNodeTypeParameter)
      : [],
    Marker,
  }
}
