/** Log groups by the beginning of their name, or by any part of it, in the order of their names. */
import { fault } from '@hotshelf/domain'
import { pageByNextToken } from '@hotshelf/wire'
import { scopeOf } from '../../call.ts'
import type { Operation } from '../operation.ts'
import { invalidValue } from '../refusals.ts'
import { logGroupArn, type LogGroupRow, logGroups } from './log-group.ts'

export const describeLogGroups: Operation<'DescribeLogGroups'> = async (input, call) => {
  const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern } = input
  if (prefix !== undefined && pattern !== undefined) {
    throw fault(
      'InvalidParameterException',
      'LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.',
    )
  }
  const identifiers = input.logGroupIdentifiers && new Set(input.logGroupIdentifiers)
  const rows = (await logGroups(call.store).list(scopeOf(call))).filter(
    ({ name, arn, desired }) =>
      (prefix === undefined || name.startsWith(prefix)) &&
      // The pattern is plain text anywhere in the name; case counts.
      (pattern === undefined || name.includes(pattern)) &&
      (input.logGroupClass === undefined || desired.class === input.logGroupClass) &&
      (identifiers === undefined || identifiers.has(name) || identifiers.has(arn)),
  )
  const { items, NextToken } = pageByNextToken(
    rows,
    { NextToken: input.nextToken, MaxResults: input.limit },
    {
      keyOf: row => row.name,
      max: 50,
      outOfRange: given =>
        invalidValue(
          'limit',
          given,
          `Member must have value ${given < 1 ? 'greater' : 'less'} than or equal to ${given < 1 ? 1 : 50}`,
        ),
      badToken: () => fault('InvalidParameterException', 'The specified nextToken is invalid.'),
    },
  )
  return { logGroups: items.map(render), ...(NextToken !== undefined && { nextToken: NextToken }) }
}

/** Terraform compares `retentionInDays`, trims `:*` off `arn`, and asks for tags with what is left. */
const render = (row: LogGroupRow) => ({
  logGroupName: row.name,
  creationTime: row.createdAt.getTime(),
  ...(row.desired.retentionInDays !== undefined && { retentionInDays: row.desired.retentionInDays }),
  metricFilterCount: 0,
  arn: `${logGroupArn(row, row.name)}:*`,
  logGroupArn: logGroupArn(row, row.name),
  storedBytes: 0,
  logGroupClass: row.desired.class,
})
