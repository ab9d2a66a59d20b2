/** Deletes a log group with its tags. What still delivers to it keeps its own record of the name, as on AWS. */
import type { Operation } from '../operation.ts'
import { logGroups, requireLogGroup } from './log-group.ts'

export const deleteLogGroup: Operation<'DeleteLogGroup'> = async (input, call) => {
  const { arn } = await requireLogGroup(input.logGroupName, call)
  await logGroups(call.store).remove(arn)
  return {}
}
