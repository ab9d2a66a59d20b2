/** The services that the server mounts. An SDK module is read when its service is first asked for, not before. */
import { describeService, type MountedService } from '@hotshelf/wire'
import type { Call } from './call.ts'
import { cloudtrail } from './cloudtrail/index.ts'
import { cloudwatchLogs } from './cloudwatch-logs/index.ts'
import { ec2 } from './ec2/index.ts'
import { elasticache } from './elasticache/index.ts'
import { kms } from './kms/index.ts'
import { sts } from './sts/index.ts'

export const mountedServices: readonly MountedService<Call>[] = [
  {
    model: describeService({
      signingName: 'elasticache',
      sdk: () => import('@aws-sdk/client-elasticache'),
      client: 'ElastiCacheClient',
      version: '2015-02-02',
      enums: 'check',
    }),
    operations: elasticache,
  },
  {
    model: describeService({
      signingName: 'ec2',
      sdk: () => import('@aws-sdk/client-ec2'),
      client: 'EC2Client',
      version: '2016-11-15',
    }),
    operations: ec2,
  },
  {
    model: describeService({
      signingName: 'logs',
      sdk: () => import('@aws-sdk/client-cloudwatch-logs'),
      client: 'CloudWatchLogsClient',
      version: '2014-03-28',
      enums: 'check',
      // All of this service's own checks carry this code.
      refusals: { style: 'constraint', code: 'InvalidParameterException' },
    }),
    operations: cloudwatchLogs,
  },
  {
    model: describeService({
      signingName: 'cloudtrail',
      sdk: () => import('@aws-sdk/client-cloudtrail'),
      client: 'CloudTrailClient',
      version: '2013-11-01',
      target: 'CloudTrail_20131101',
      enums: 'check',
      refusals: { style: 'constraint', code: 'ValidationException' },
    }),
    operations: cloudtrail,
  },
  {
    model: describeService({
      signingName: 'kms',
      sdk: () => import('@aws-sdk/client-kms'),
      client: 'KMSClient',
      version: '2014-11-01',
      target: 'TrentService',
      enums: 'check',
      refusals: { style: 'constraint', code: 'ValidationException' },
    }),
    operations: kms,
  },
  {
    model: describeService({
      signingName: 'sts',
      sdk: () => import('@aws-sdk/client-sts'),
      client: 'STSClient',
      version: '2011-06-15',
    }),
    operations: sts,
  },
]
