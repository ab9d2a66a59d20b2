/** Ids and ARNs as EC2 writes them: a prefix and seventeen hexadecimal digits. */
import { createHash, randomBytes } from 'node:crypto'
import type { Arn, Scope } from '@hotshelf/domain'

export type Ec2Type = 'vpc' | 'subnet' | 'security-group' | 'security-group-rule'

export const ec2Arn = ({ account, region }: Scope, type: Ec2Type, id: string): Arn =>
  `arn:aws:ec2:${region}:${account}:${type}/${id}` as Arn

/** For what is made once: the same in every data directory, so that configurations may name it. */
export const stableId = (prefix: string, { account, region }: Scope, place: string): string =>
  `${prefix}-0${createHash('sha256').update(`${account} ${region} ${place}`).digest('hex').slice(0, 16)}`

export const newId = (prefix: string): string => `${prefix}-0${randomBytes(8).toString('hex')}`
