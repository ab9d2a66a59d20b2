/** New material for a key, on demand or by itself once it is due and used. What was sealed before stays readable. */
import { fault } from '@hotshelf/domain'
import { wireFault } from '@hotshelf/wire'
import type { Operation } from '../operation.ts'
import { pageFrom } from '../page.ts'
import { kmsKeys, requireKey, requireUsable } from './key.ts'
import { addMaterial, rotationsOf } from './material.ts'

const yearDays = 365
const dayMs = 86_400_000
/** AWS's. */
const mostOnDemand = 25

export const enableKeyRotation: Operation<'EnableKeyRotation'> = async (input, call) => {
  const row = await requireKey(input.KeyId, call)
  requireUsable(row)
  const days = input.RotationPeriodInDays ?? row.desired.rotationDays ?? yearDays
  if (days < 90 || days > 2560)
    throw wireFault('ValidationException', 'RotationPeriodInDays must be between 90 and 2560.')
  await kmsKeys(call.store).change(row.arn, desired => ({ ...desired, rotationDays: days }))
  return {}
}

export const disableKeyRotation: Operation<'DisableKeyRotation'> = async (input, call) => {
  const row = await requireKey(input.KeyId, call)
  requireUsable(row)
  await kmsKeys(call.store).change(row.arn, desired => ({ ...desired, rotationDays: undefined }))
  return {}
}

export const getKeyRotationStatus: Operation<'GetKeyRotationStatus'> = async (input, call) => {
  const { arn, desired } = await requireKey(input.KeyId, call)
  const { rotationDays } = desired
  if (rotationDays === undefined) return { KeyRotationEnabled: false, KeyId: arn }
  const newest = (await rotationsOf(call.store, arn)).at(-1)!
  return {
    KeyRotationEnabled: true,
    KeyId: arn,
    RotationPeriodInDays: rotationDays,
    NextRotationDate: new Date(Date.parse(newest.madeAt) + rotationDays * dayMs),
  }
}

export const rotateKeyOnDemand: Operation<'RotateKeyOnDemand'> = async (input, call) => {
  const row = await requireKey(input.KeyId, call)
  requireUsable(row)
  const onDemand = (await rotationsOf(call.store, row.arn)).filter(({ by }) => by === 'demand')
  if (onDemand.length >= mostOnDemand)
    throw fault('LimitExceededException', `On-demand rotation of a key is limited to ${mostOnDemand} times.`)
  await addMaterial(call.store, row.arn, 'demand', call.now())
  return { KeyId: row.arn }
}

export const listKeyRotations: Operation<'ListKeyRotations'> = async (input, call) => {
  const { arn } = await requireKey(input.KeyId, call)
  const rotations = (await rotationsOf(call.store, arn))
    .filter(({ by }) => by !== 'creation')
    .map(({ madeAt, by }) => ({
      KeyId: arn,
      RotationDate: new Date(madeAt),
      RotationType: by === 'demand' ? ('ON_DEMAND' as const) : ('AUTOMATIC' as const),
    }))
  const { items, ...rest } = pageFrom(rotations, input, ({ RotationDate }) => RotationDate.toISOString())
  return { Rotations: items, ...rest }
}
