/**
 * The AWS CLI as people use it: a handful of commands of every protocol family, with what it prints and what arrived.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEchoServer, type EchoServer } from '../../test/echo-server.ts'
import { TESTED_SERVICES } from '../../test/services.ts'
import { reasonToSkip } from '../../test/tools.ts'

const run = promisify(execFile)
const skip = reasonToSkip('the AWS CLI', 'aws', ['--version'])

interface Command {
  readonly words: string
  readonly arrives: object
  readonly answer: object
  /** Default: the answer. */
  readonly prints?: unknown
}

const COMMANDS: readonly Command[] = [
  {
    words:
      'elasticache create-replication-group --replication-group-id g --replication-group-description two_words --num-node-groups 2 --cache-node-type cache.t4g.micro --security-group-ids sg-1 sg-2 --tags Key=a,Value=b --no-multi-az-enabled --log-delivery-configurations LogType=slow-log,DestinationType=cloudwatch-logs,DestinationDetails={CloudWatchLogsDetails={LogGroup=l}},LogFormat=json',
    arrives: {
      ReplicationGroupId: 'g',
      ReplicationGroupDescription: 'two_words',
      NumNodeGroups: 2,
      CacheNodeType: 'cache.t4g.micro',
      SecurityGroupIds: ['sg-1', 'sg-2'],
      Tags: [{ Key: 'a', Value: 'b' }],
      MultiAZEnabled: false,
      LogDeliveryConfigurations: [
        {
          LogType: 'slow-log',
          DestinationType: 'cloudwatch-logs',
          DestinationDetails: { CloudWatchLogsDetails: { LogGroup: 'l' } },
          LogFormat: 'json',
        },
      ],
    },
    answer: {
      ReplicationGroup: {
        ReplicationGroupId: 'g',
        Status: 'creating',
        PendingModifiedValues: { LogDeliveryConfigurations: [{ LogType: 'slow-log' }] },
      },
    },
  },
  {
    words: 'elasticache describe-cache-clusters --cache-cluster-id c --show-cache-node-info',
    arrives: { CacheClusterId: 'c', ShowCacheNodeInfo: true },
    answer: {
      CacheClusters: [
        {
          CacheClusterId: 'c',
          NumCacheNodes: 1,
          CacheNodes: [{ CacheNodeId: '0001', Endpoint: { Address: 'c.local', Port: 6379 } }],
          SecurityGroups: [],
        },
      ],
    },
  },
  {
    words:
      'cloudwatch put-metric-data --namespace n --metric-data MetricName=m,Value=1.5,Dimensions=[{Name=d,Value=v}]',
    arrives: { Namespace: 'n', MetricData: [{ MetricName: 'm', Value: 1.5, Dimensions: [{ Name: 'd', Value: 'v' }] }] },
    answer: {},
    prints: undefined,
  },
  {
    words: 'logs describe-log-groups --log-group-name-prefix p --limit 5',
    arrives: { logGroupNamePrefix: 'p', limit: 5 },
    answer: { logGroups: [{ logGroupName: 'p1', retentionInDays: 7 }] },
  },
  {
    words: 'sns create-topic --name t --attributes DisplayName=d',
    arrives: { Name: 't', Attributes: { DisplayName: 'd' } },
    answer: { TopicArn: 'arn:aws:sns:us-east-1:000000000000:t' },
  },
  {
    words: 'sts get-caller-identity',
    arrives: {},
    answer: { UserId: 'u', Account: '000000000000', Arn: 'arn:aws:iam::000000000000:root' },
  },
  {
    words: 'ec2 describe-subnets --filters Name=vpc-id,Values=v1,v2 --subnet-ids s1',
    arrives: { Filters: [{ Name: 'vpc-id', Values: ['v1', 'v2'] }], SubnetIds: ['s1'] },
    answer: { Subnets: [{ SubnetId: 's1', VpcId: 'v1', Tags: [{ Key: 'Name', Value: 'one' }] }] },
  },
  {
    words: 'cloudformation describe-stacks --stack-name s',
    arrives: { StackName: 's' },
    answer: {
      Stacks: [{ StackName: 's', StackStatus: 'CREATE_COMPLETE', Outputs: [{ OutputKey: 'k', OutputValue: 'v' }] }],
    },
  },
]

describe.skipIf(skip)('the AWS CLI', () => {
  let server: EchoServer
  let home: string

  beforeAll(async () => {
    server = await startEchoServer(TESTED_SERVICES)
    home = await mkdtemp(join(tmpdir(), 'wire-cli-'))
  })

  afterAll(async () => {
    await server.close()
    await rm(home, { recursive: true })
  })

  /** With a home of its own, so that nobody's profile changes what is sent. */
  async function aws(words: string): Promise<{ printed: unknown; failed: string }> {
    const env = {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      AWS_CONFIG_FILE: join(home, 'config'),
      AWS_SHARED_CREDENTIALS_FILE: join(home, 'credentials'),
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_DEFAULT_OUTPUT: 'json',
      AWS_MAX_ATTEMPTS: '1',
      AWS_PAGER: '',
    }
    const result = await run('aws', ['--endpoint-url', server.url, ...words.split(' ')], { env }).catch(
      (error: { stdout: string; stderr: string }) => error,
    )
    return {
      printed: result.stdout.trim() === '' ? undefined : JSON.parse(result.stdout),
      failed: result.stderr.trim(),
    }
  }

  it.each(COMMANDS)('$words', { timeout: 120_000 }, async command => {
    server.answer = command.answer
    const { printed, failed } = await aws(command.words)
    expect(failed).toBe('')
    expect(server.received?.input).toEqual(command.arrives)
    expect(printed).toEqual('prints' in command ? command.prints : command.answer)
  })

  it('prints the code and message of an error', { timeout: 120_000 }, async () => {
    server.error = Object.assign(new Error('User u not found.'), { name: 'UserNotFoundFault' })
    const { failed } = await aws('elasticache delete-user --user-id u')
    server.error = undefined
    expect(failed).toContain(
      'An error occurred (UserNotFound) when calling the DeleteUser operation: User u not found.',
    )
  })
})
