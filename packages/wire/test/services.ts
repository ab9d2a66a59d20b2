/**
 * The services this kit is tested with: all of some SDKs, and of EC2 the part that a server of network resources
 * needs (all 823 operations with FULL=1).
 */
import { AwsQueryProtocol, AwsSmithyRpcV2CborProtocol } from '@aws-sdk/core/protocols'
import * as cloudformation from '@aws-sdk/client-cloudformation'
import * as cloudwatch from '@aws-sdk/client-cloudwatch'
import * as logs from '@aws-sdk/client-cloudwatch-logs'
import * as ec2 from '@aws-sdk/client-ec2'
import * as elasticache from '@aws-sdk/client-elasticache'
import * as sns from '@aws-sdk/client-sns'
import * as sts from '@aws-sdk/client-sts'
import { describeService } from '../src/schema/describe-service.ts'
import type { OperationModel, ServiceModel } from '../src/schema/service-model.ts'
import { isStructure } from '../src/schema/shape.ts'

export const FULL = process.env['FULL'] === '1'

export interface TestedService {
  readonly label: string
  readonly model: ServiceModel
  /** The SDK module, for its command and error classes. */
  readonly sdk: Readonly<Record<string, unknown>>
  readonly Client: new (config: object) => SdkClient
  /** Makes the SDK speak another protocol than its own. */
  readonly protocol?: unknown
  readonly speaksForms: boolean
  /** Only operations whose names hold one of these words. */
  readonly only?: readonly string[]
}

export interface SdkClient {
  send(command: unknown): Promise<{ $metadata?: unknown }>
  destroy(): void
}

const EC2_WORDS = [
  'AvailabilityZones',
  'InternetGateway',
  'NetworkInterface',
  'RouteTable',
  'SecurityGroup',
  'Subnet',
  'Tags',
]

const monitoring = describeService({
  signingName: 'monitoring',
  sdk: cloudwatch,
  client: cloudwatch.CloudWatchClient,
  enums: 'check',
})

const forms = { speaksForms: true }
const data = { speaksForms: false }

function tested(
  label: string,
  model: ServiceModel,
  sdk: object,
  rest: { client: string } & Pick<TestedService, 'speaksForms' | 'protocol' | 'only'>,
): TestedService {
  const module = sdk as Readonly<Record<string, unknown>>
  return { label, model, sdk: module, Client: module[rest.client] as TestedService['Client'], ...rest }
}

function modelOf(signingName: string, sdk: object, client: string): ServiceModel {
  return describeService({ signingName, sdk, client, enums: 'check' })
}

export const TESTED_SERVICES: readonly TestedService[] = [
  tested('elasticache, Query', modelOf('elasticache', elasticache, 'ElastiCacheClient'), elasticache, {
    client: 'ElastiCacheClient',
    ...forms,
  }),
  tested('cloudwatch, JSON 1.0', monitoring, cloudwatch, { client: 'CloudWatchClient', ...data }),
  tested('cloudwatch, CBOR', monitoring, cloudwatch, {
    client: 'CloudWatchClient',
    protocol: AwsSmithyRpcV2CborProtocol,
    ...data,
  }),
  tested('cloudwatch, Query', monitoring, cloudwatch, {
    client: 'CloudWatchClient',
    protocol: AwsQueryProtocol,
    ...forms,
  }),
  tested('logs, JSON 1.1', modelOf('logs', logs, 'CloudWatchLogsClient'), logs, {
    client: 'CloudWatchLogsClient',
    ...data,
  }),
  tested('sns, Query', modelOf('sns', sns, 'SNSClient'), sns, { client: 'SNSClient', ...forms }),
  tested('sts, Query', modelOf('sts', sts, 'STSClient'), sts, { client: 'STSClient', ...forms }),
  tested('cloudformation, Query', modelOf('cloudformation', cloudformation, 'CloudFormationClient'), cloudformation, {
    client: 'CloudFormationClient',
    ...forms,
  }),
  tested('ec2, EC2 Query', modelOf('ec2', ec2, 'EC2Client'), ec2, {
    client: 'EC2Client',
    ...forms,
    ...(!FULL && { only: EC2_WORDS }),
  }),
]

/** Operations with event streams are not served, so not tested. */
export async function operationsOf({ model, only }: TestedService): Promise<readonly OperationModel[]> {
  const { operations } = await model.load()
  return [...operations.values()].filter(
    ({ name, input, output }) =>
      (!only || only.some(word => name.includes(word))) &&
      [input, output].every(shape => !isStructure(shape) || shape.members.every(member => !member.streaming)),
  )
}
