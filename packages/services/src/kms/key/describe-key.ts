/** One key, by id, ARN or alias. */
import type { Operation } from '../operation.ts'
import { requireKey } from './key.ts'
import { renderKey } from './render.ts'

export const describeKey: Operation<'DescribeKey'> = async (input, call) => ({
  KeyMetadata: renderKey(await requireKey(input.KeyId, call)),
})
