/** Who calls. Terraform reads its account and partition out of the ARN, so it must be one that parses. */
import type { Operation } from './operation.ts'

export const getCallerIdentity: Operation<'GetCallerIdentity'> = (_input, { caller }) => ({
  // AWS gives the account id as the user id of the root user, and an opaque id for every other.
  UserId: caller.arn.endsWith(':root') ? caller.accountId : (caller.accessKeyId ?? caller.accountId),
  Account: caller.accountId,
  Arn: caller.arn,
})
