/** Keeps logs for ever again. */
import type { Operation } from '../operation.ts'
import { noSuchLogGroup } from '../refusals.ts'
import { logGroups, requireLogGroup } from './log-group.ts'

export const deleteRetentionPolicy: Operation<'DeleteRetentionPolicy'> = async (input, call) => {
  const { arn } = await requireLogGroup(input.logGroupName, call)
  const changed = await logGroups(call.store).change(arn, desired => ({ ...desired, retentionInDays: undefined }))
  if (!changed) throw noSuchLogGroup()
  return {}
}
