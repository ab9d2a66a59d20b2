/**
 * What a parameter is: the answer DescribeEngineDefaultParameters gives for it.
 * Definitions are data; what a value must look like is judged in rules/parameter-value.ts, what it does to an engine in
 * engine-directives.ts and memcached-arguments.ts.
 */

export type DataType = 'string' | 'integer' | 'boolean' | 'float'

/**
 * always: any time. unused-group: only while no cluster uses the group, because the value is fixed when a node is made.
 * never: AWS's own setting, shown but not for customers.
 */
export type Modifiable = 'always' | 'unused-group' | 'never'

export interface ParameterDefinition {
  readonly name: string
  /** The family's default; undefined where AWS shows no ParameterValue at all. */
  readonly value: string | undefined
  readonly description: string
  readonly dataType: DataType
  /** As AWS writes it: `yes,no`, `0-`, `1-75`, `0,20-`, `-5,-4,1-`; `-` is any integer; undefined is any text. */
  readonly allowedValues: string | undefined
  readonly modifiable: Modifiable
  readonly changeType: 'immediate' | 'requires-reboot'
  readonly minimumEngineVersion: string
}

/** A parameter whose value follows from the node type (CacheNodeTypeSpecificParameters). Never modifiable. */
export interface NodeTypeParameterDefinition extends Omit<ParameterDefinition, 'value'> {
  readonly values: readonly { readonly nodeType: string; readonly value: string }[]
}

/** Values by parameter name. */
export type ParameterValues = Readonly<Record<string, string>>

/** AWS lists parameters by name as if hyphens and underscores were not there: `activedefrag` before `active-defrag-…`. */
export const byParameterName = (a: { readonly name: string }, b: { readonly name: string }): number => {
  const [left, right] = [a.name.replaceAll(/[-_]/g, ''), b.name.replaceAll(/[-_]/g, '')]
  return left < right ? -1 : Number(left > right)
}
