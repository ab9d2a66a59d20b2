import { expect, it } from 'vitest'
import { askedResources } from './asked-resources.ts'

const caller = { accountId: '111122223333', arn: 'arn:aws:iam::111122223333:user/x', accessKeyId: 'AKIA' }
const asked = (service: string, operation: string, input: unknown) =>
  askedResources({ service, operation, region: 'eu-west-1', caller }, input)
const arn = (rest: string) => `arn:aws:elasticache:eu-west-1:111122223333:${rest}`

it.each<[string, string, string, unknown, readonly string[]]>([
  [
    'a group by name',
    'elasticache',
    'DeleteReplicationGroup',
    { ReplicationGroupId: 'App' },
    [arn('replicationgroup:app')],
  ],
  ['all groups', 'elasticache', 'DescribeReplicationGroups', {}, [arn('replicationgroup:*')]],
  ['all clusters', 'elasticache', 'DescribeCacheClusters', {}, [arn('cluster:*')]],
  ['what has no kind', 'elasticache', 'DescribeEvents', { SourceIdentifier: 'app' }, ['*']],
  [
    'all that a creation uses',
    'elasticache',
    'CreateReplicationGroup',
    { ReplicationGroupId: 'a', CacheParameterGroupName: 'P', CacheSubnetGroupName: 's', UserGroupIds: ['u', 'v'] },
    [arn('replicationgroup:a'), arn('parametergroup:p'), arn('subnetgroup:s'), arn('usergroup:u'), arn('usergroup:v')],
  ],
  [
    'an ARN as it is, but for capitals',
    'elasticache',
    'AddTagsToResource',
    { ResourceName: arn('cluster:A') },
    [arn('cluster:a')],
  ],
  [
    'EC2 ids by their kind',
    'ec2',
    'CreateTags',
    { Resources: ['sg-1', 'vpc-2'] },
    ['arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1', 'arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-2'],
  ],
  ['EC2 lists as *', 'ec2', 'DescribeVpcs', { VpcIds: ['vpc-2'] }, ['*']],
  [
    'a log group',
    'logs',
    'DeleteLogGroup',
    { logGroupName: '/A' },
    ['arn:aws:logs:eu-west-1:111122223333:log-group:/A'],
  ],
  ['all log groups', 'logs', 'DescribeLogGroups', {}, ['arn:aws:logs:eu-west-1:111122223333:log-group:*']],
  ['an unknown service', 'sns', 'ListTopics', {}, ['*']],
  ['an input of the wrong kind', 'elasticache', 'DeleteReplicationGroup', { ReplicationGroupId: 5 }, ['*']],
  ['no input', 'elasticache', 'DescribeEvents', undefined, ['*']],
])('names %s', (_, service, operation, input, resources) => {
  expect(asked(service, operation, input)).toEqual(resources)
})
