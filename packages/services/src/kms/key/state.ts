/** On, off, and on the way out. What a key sealed can be read only while it is enabled. */
import { fault, type KmsKeyDesired } from '@hotshelf/domain'
import { wireFault } from '@hotshelf/wire'
import type { Call } from '../../call.ts'
import type { Operation } from '../operation.ts'
import { kmsKeys, pendingDeletion, requireKey } from './key.ts'

export const enableKey: Operation<'EnableKey'> = (input, call) => switched(input.KeyId, true, call)
export const disableKey: Operation<'DisableKey'> = (input, call) => switched(input.KeyId, false, call)

async function switched(id: string | undefined, enabled: boolean, call: Call) {
  const { arn } = await requireKey(id, call)
  await kmsKeys(call.store).change(arn, desired => {
    if (desired.deleteAt !== undefined) throw pendingDeletion(arn)
    return desired.enabled === enabled ? desired : { ...desired, enabled }
  })
  return {}
}

const dayMs = 86_400_000
const usualDays = 30

export const scheduleKeyDeletion: Operation<'ScheduleKeyDeletion'> = async (input, call) => {
  const { arn, name } = await requireKey(input.KeyId, call)
  const days = input.PendingWindowInDays ?? usualDays
  if (days < 7 || days > usualDays)
    throw wireFault('ValidationException', 'PendingWindowInDays must be between 7 and 30.')
  const deleteAt = new Date(call.now().getTime() + days * dayMs)
  await kmsKeys(call.store).change(arn, (desired): KmsKeyDesired => {
    if (desired.deleteAt !== undefined) throw pendingDeletion(arn)
    return { ...desired, deleteAt: deleteAt.toISOString() }
  })
  return { KeyId: name, DeletionDate: deleteAt, KeyState: 'PendingDeletion' as const, PendingWindowInDays: days }
}

/** It comes back disabled, as on AWS. */
export const cancelKeyDeletion: Operation<'CancelKeyDeletion'> = async (input, call) => {
  const { arn } = await requireKey(input.KeyId, call)
  await kmsKeys(call.store).change(arn, (desired): KmsKeyDesired => {
    if (desired.deleteAt === undefined) throw fault('KMSInvalidStateException', `${arn} is not pending deletion.`)
    return { ...desired, enabled: false, deleteAt: undefined }
  })
  return { KeyId: arn }
}
