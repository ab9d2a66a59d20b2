/** Every key of the account in this region. */
import type { Operation } from '../operation.ts'
import { pageFrom } from '../page.ts'
import { listKeys as everyKey } from './key.ts'

export const listKeys: Operation<'ListKeys'> = async (input, call) => {
  const keys = (await everyKey(call)).map(({ arn, name }) => ({ KeyId: name, KeyArn: arn }))
  const { items, ...rest } = pageFrom(keys, input, key => key.KeyId)
  return { Keys: items, ...rest }
}
