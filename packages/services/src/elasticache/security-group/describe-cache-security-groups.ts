/**
 * Cache security groups belong to EC2-Classic, which AWS has retired: an account without it has none and is told so in
 * these words. VPC security groups are EC2's.
 */
import { fault } from '@hotshelf/domain'
import type { Operation } from '../operation.ts'

export const cacheSecurityGroupsNotPermitted = () =>
  fault(
    'InvalidParameterValueException',
    'Use of cache security groups is not permitted in this API version for your account.',
  )

export const describeCacheSecurityGroups: Operation<'DescribeCacheSecurityGroups'> = () => {
  throw cacheSecurityGroupsNotPermitted()
}
