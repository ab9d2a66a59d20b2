/**
 * One parameter over all Redis and Valkey families: where it begins and ends, and what changed on the way.
 * Families inherit in the order of `redisLine`, so a change names only the family in which it happened.
 */
import type { DataType, Modifiable, ParameterDefinition } from './definition.ts'
import { firstVersionOf, type RedisFamily, redisLine } from './families.ts'

/** What may differ from one family to the next. */
interface Aspects {
  readonly value?: string
  readonly allowedValues?: string
  readonly modifiable?: Modifiable
}

export interface RedisParameter {
  readonly name: string
  readonly from: RedisFamily
  /** The last family that has it. */
  readonly until?: RedisFamily
  readonly dataType: DataType
  /** Undefined where AWS shows no value. */
  readonly value: string | undefined
  /** Undefined where AWS shows no range. */
  readonly allowedValues: string | undefined
  /** `always` unless said otherwise. */
  readonly modifiable?: Modifiable
  /** Only `requires-reboot` is said; all others are immediate. */
  readonly reboot?: true
  /** In the family where it first appeared; later families have it from their beginning. */
  readonly minimumEngineVersion?: string
  readonly changes?: Partial<Record<RedisFamily, Aspects>>
  readonly description: string
}

/** Undefined in families without the parameter. */
export function inFamily(parameter: RedisParameter, family: RedisFamily): ParameterDefinition | undefined {
  const at = redisLine.indexOf(family)
  const first = redisLine.indexOf(parameter.from)
  if (at < first || (parameter.until !== undefined && at > redisLine.indexOf(parameter.until))) return undefined
  const aspects: Aspects = Object.assign({}, ...redisLine.slice(0, at + 1).map(earlier => parameter.changes?.[earlier]))
  return {
    name: parameter.name,
    value: aspects.value ?? parameter.value,
    description: parameter.description,
    dataType: parameter.dataType,
    allowedValues: aspects.allowedValues ?? parameter.allowedValues,
    modifiable: aspects.modifiable ?? parameter.modifiable ?? 'always',
    changeType: parameter.reboot ? 'requires-reboot' : 'immediate',
    minimumEngineVersion: (at === first && parameter.minimumEngineVersion) || firstVersionOf[family],
  }
}

/** `name: yes|no`, with what the other arguments say. */
export const yesNo = (
  name: string,
  from: RedisFamily,
  value: 'yes' | 'no',
  description: string,
  rest: Partial<RedisParameter> = {},
): RedisParameter => ({ name, from, value, description, dataType: 'string', allowedValues: 'yes,no', ...rest })

/** An integer with AWS's range text. */
export const integer = (
  name: string,
  from: RedisFamily,
  [value, allowedValues]: readonly [value: string, allowedValues: string],
  description: string,
  rest: Partial<RedisParameter> = {},
): RedisParameter => ({ name, from, value, allowedValues, description, dataType: 'integer', ...rest })
