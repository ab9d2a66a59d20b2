/** The policy that every key has: the account decides by its own policies. Others cannot be put. */
import type { Operation } from '../operation.ts'
import { requireKey } from './key.ts'

export const getKeyPolicy: Operation<'GetKeyPolicy'> = async (input, call) => {
  const { account } = await requireKey(input.KeyId, call)
  const statement = {
    Sid: 'Enable IAM User Permissions',
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: 'kms:*',
    Resource: '*',
  }
  const policy = { Version: '2012-10-17', Id: 'key-default-1', Statement: [statement] }
  return { Policy: JSON.stringify(policy), PolicyName: 'default' }
}
