/** A log group: a name that logs can be delivered to, and how long they are kept. */
import type { LogGroupClass } from '@aws-sdk/client-cloudwatch-logs'
import type { Arn, Repository, Row, Scope, Store } from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'
import { invalidValue, noSuchLogGroup } from '../refusals.ts'

export interface LogGroupDesired {
  readonly name: string
  readonly class: LogGroupClass
  /** Undefined: for ever. */
  readonly retentionInDays: number | undefined
}

export type LogGroupRow = Row<LogGroupDesired>

export const logGroups = (store: Store): Repository<LogGroupDesired> => store.repository<LogGroupDesired>('log-group')

/** Without the `:*` that DescribeLogGroups adds to say "and every stream in it". */
export const logGroupArn = ({ account, region }: Scope, name: string): Arn =>
  `arn:aws:logs:${region}:${account}:log-group:${name}` as Arn

const longestName = 512

export function requireName(name: string | undefined): string {
  const given = name ?? ''
  if (given.length < 1 || given.length > longestName) {
    const constraint = `Member must have length ${given === '' ? 'greater than or equal to 1' : `less than or equal to ${longestName}`}`
    throw invalidValue('logGroupName', given, constraint)
  }
  if (!/^[.\-_/#A-Za-z0-9]+$/.test(given)) {
    const pattern = String.raw`Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+`
    throw invalidValue('logGroupName', given, pattern)
  }
  return given
}

export async function requireLogGroup(name: string | undefined, call: Call): Promise<LogGroupRow> {
  const row = await logGroups(call.store).find(scopeOf(call), requireName(name))
  if (!row) throw noSuchLogGroup()
  return row
}
