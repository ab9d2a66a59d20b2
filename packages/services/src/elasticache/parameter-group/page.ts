/** Pages of parameters, in AWS's order: by name as if hyphens and underscores were not there. */
import type { ParameterDefinition } from '@hotshelf/domain'
import { type MarkerPage, pageByMarker } from '@hotshelf/wire'
import type { PageInput } from '../../describe.ts'

export const pageOfParameters = (
  definitions: readonly ParameterDefinition[],
  input: PageInput,
): MarkerPage<ParameterDefinition> =>
  // The name itself keeps the key unique.
  pageByMarker(definitions, input, { keyOf: ({ name }) => `${name.replaceAll(/[-_]/g, '')} ${name}` })

/** Parameters with a value per node type are few; the first page has them all. */
export const isFirstPage = (input: PageInput): boolean => input.Marker === undefined || input.Marker === ''
