/** Makes a log group that keeps its logs for ever, until PutRetentionPolicy says otherwise. */
import { AlreadyExists, fault } from '@hotshelf/domain'
import { scopeOf } from '../../call.ts'
import type { Operation } from '../operation.ts'
import { notBuilt } from '../refusals.ts'
import { readTags } from '../tag/tags.ts'
import { logGroupArn, logGroups, requireName } from './log-group.ts'

export const createLogGroup: Operation<'CreateLogGroup'> = async (input, call) => {
  const scope = scopeOf(call)
  const name = requireName(input.logGroupName)
  // Observed in AWS's documentation: the prefix is kept for its own vended logs.
  if (name.startsWith('aws/')) {
    throw fault('InvalidParameterException', "Log groups starting with 'aws/' are reserved for AWS.")
  }
  if (input.kmsKeyId !== undefined) throw notBuilt('Encryption of a log group with a KMS key')
  if (input.deletionProtectionEnabled === true) throw notBuilt('Deletion protection of a log group')
  const tags = readTags(input.tags)
  const arn = logGroupArn(scope, name)
  const desired = { name, class: input.logGroupClass ?? 'STANDARD', retentionInDays: undefined }
  await call.store
    .transaction(async store => {
      await logGroups(store).insert({ ...scope, arn, name, desired, createdAt: call.now() })
      await store.tags.set(arn, tags)
    })
    .catch((error: unknown) => {
      if (!(error instanceof AlreadyExists)) throw error
      throw fault('ResourceAlreadyExistsException', 'The specified log group already exists')
    })
  return {}
}
