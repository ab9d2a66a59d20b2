/** What a family's parameters are before anybody changes them. */
import { familyParameters, fault, isParameterFamily, nodeTypeParameters } from '@hotshelf/domain'
import type { Operation } from '../operation.ts'
import { isFirstPage, pageOfParameters } from './page.ts'
import { renderNodeTypeParameter, renderParameter } from './render.ts'

export const describeEngineDefaultParameters: Operation<'DescribeEngineDefaultParameters'> = (input, _call) => {
  const family = input.CacheParameterGroupFamily ?? ''
  if (!isParameterFamily(family))
    throw fault(
      'InvalidParameterValueException',
      `CacheParameterGroupFamily ${family} is not a valid parameter group family.`,
    )
  const { items, Marker } = pageOfParameters(familyParameters(family), input)
  return {
    EngineDefaults: {
      CacheParameterGroupFamily: family,
      Parameters: items.map(definition => renderParameter(definition, definition.value, 'system')),
      CacheNodeTypeSpecificParameters: isFirstPage(input)
        ? nodeTypeParameters(family).map(renderNodeTypeParameter)
        : [],
      Marker,
    },
  }
}
