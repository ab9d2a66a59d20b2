/**
 * Whether a parameter of a group may be set to a value. The definition's AllowedValues text is the law; two parameters
 * are free text in it and have rules of their own. Values are kept exactly as they were given.
 */
import type { ParameterDefinition, ParameterValues } from '../catalog/parameters/definition.ts'
import { familyParameter } from '../catalog/parameters/family-parameters.ts'
import { parseRenames } from '../catalog/parameters/rename-commands.ts'
import { type Fault, fault } from '../faults.ts'

/** Per call of ModifyCacheParameterGroup and ResetCacheParameterGroup. */
export const mostParametersPerCall = 20

export interface ParameterGroupUse {
  readonly family: string
  /** Whether a cluster uses the group: some parameters can be changed only before. */
  readonly inUse: boolean
}

export interface ParameterChange {
  readonly name: string
  readonly value: string | undefined
}

/** What ModifyCacheParameterGroup may set. Later entries of a name count. */
export function requireParameterChanges(
  changes: readonly ParameterChange[],
  group: ParameterGroupUse,
): ParameterValues {
  requireNames(changes.map(({ name }) => name))
  return Object.fromEntries(
    changes.map(({ name, value }) => {
      const definition = requireModifiable(name, group)
      if (value === undefined) throw invalid(`The parameter ParameterValue of ${name} must be provided.`)
      requireParameterValue(definition, value)
      return [definition.name, value]
    }),
  )
}

/** What ResetCacheParameterGroup may reset: the names as the family writes them. */
export function requireParameterResets(names: readonly string[], group: ParameterGroupUse): readonly string[] {
  requireNames(names)
  return names.map(name => requireModifiable(name, group).name)
}

/** The wording for too many is AWS's. */
function requireNames(names: readonly string[]): void {
  if (names.length === 0) throw invalid('The parameter ParameterNameValues must be provided.')
  if (names.length > mostParametersPerCall) {
    throw fault(
      'InvalidParameterCombinationException',
      `Cannot modify more than ${mostParametersPerCall} parameters in a single request`,
    )
  }
}

/** The wording for unknown names is AWS's (infrastructure tools look for it), for unmodifiable ones ours. */
function requireModifiable(name: string, { family, inUse }: ParameterGroupUse): ParameterDefinition {
  const definition = familyParameter(family, name) ?? familyParameter(family, name.toLowerCase())
  if (!definition) throw invalid(`Parameter ${name} doesn't exist`)
  if (definition.modifiable === 'never') throw invalid(`The parameter ${name} cannot be modified.`)
  if (definition.modifiable === 'unused-group' && inUse) {
    throw invalid(`The parameter ${name} cannot be modified while the parameter group is in use.`)
  }
  return definition
}

/** The wording is ours; it repeats the allowed values, which are AWS's. */
export function requireParameterValue(definition: ParameterDefinition, value: string): void {
  if (isAllowed(definition, value)) return
  const allowed =
    definition.name === 'rename-commands' ? 'pairs of a command and its new name' : allowedText(definition)
  throw invalid(`Invalid value ${JSON.stringify(value)} for parameter ${definition.name}. Allowed values: ${allowed}`)
}

const allowedText = ({ name, allowedValues }: ParameterDefinition): string =>
  name === 'notify-keyspace-events' ? eventLetters : (allowedValues ?? 'any text')

/** K and E choose the channel, the others the events; t, m, d and n came with later engines. */
const eventLetters = 'A K E g $ l s h z x e t m d n'

function isAllowed({ name, dataType, allowedValues }: ParameterDefinition, value: string): boolean {
  if (name === 'notify-keyspace-events') return [...value].every(letter => eventLetters.split(' ').includes(letter))
  if (name === 'rename-commands') return parseRenames(value) !== undefined
  if (allowedValues === undefined) return true
  const choices = allowedValues.split(',')
  if (dataType === 'string' || dataType === 'boolean') return choices.includes(value)
  const number = dataType === 'integer' ? /^-?\d+$/ : /^-?\d+(\.\d+)?$/
  return number.test(value) && choices.some(choice => includes(choice, Number(value)))
}

/** `5000`, `-5`, `0-100`, `16384-` or `-` (any number). */
function includes(choice: string, value: number): boolean {
  if (choice === '-') return true
  const range = /^(-?\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)?$/.exec(choice)
  if (!range) return value === Number(choice)
  return value >= Number(range[1]) && (range[2] === undefined || value <= Number(range[2]))
}

const invalid = (message: string): Fault => fault('InvalidParameterValueException', message)
