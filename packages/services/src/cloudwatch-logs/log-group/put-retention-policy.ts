/** How many days logs are kept: one of the spans that AWS offers. */
import type { Operation } from '../operation.ts'
import { invalidValue, noSuchLogGroup } from '../refusals.ts'
import { logGroups, requireLogGroup } from './log-group.ts'

const offered = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]

export const putRetentionPolicy: Operation<'PutRetentionPolicy'> = async (input, call) => {
  const days = input.retentionInDays
  if (days === undefined || !offered.includes(days)) {
    throw invalidValue('retentionInDays', days, `Member must satisfy enum value set: [${offered.join(', ')}]`)
  }
  const { arn } = await requireLogGroup(input.logGroupName, call)
  const changed = await logGroups(call.store).change(arn, desired => ({ ...desired, retentionInDays: days }))
  if (!changed) throw noSuchLogGroup()
  return {}
}
