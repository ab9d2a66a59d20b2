/**
 * An access key of the API: whose it is and what it may do. Its secret is sealed beside it, under `secretName`.
 * Keys are of an account, not of a region, as IAM's are.
 */
import type { Policy } from '../rules/policy.ts'
import type { Arn, Scope } from './arn.ts'
import type { Row } from './resource.ts'

export interface AccessKeyDesired {
  /** Several keys may be of one user: the name in the ARN and in the audit trail. */
  readonly userName: string
  /** Undefined: everything is allowed. */
  readonly policy: Policy | undefined
}

export type AccessKeyRow = Row<AccessKeyDesired>

/** The name under which the secret is sealed beside the key. */
export const accessKeySecret = 'secret-access-key'

export const accessKeyScope = (account: string): Scope => ({ account, region: '' })

export const accessKeyArn = (account: string, accessKeyId: string): Arn =>
  `arn:aws:iam::${account}:access-key/${accessKeyId}` as Arn

export const userArn = (account: string, userName: string): Arn => `arn:aws:iam::${account}:user/${userName}` as Arn
