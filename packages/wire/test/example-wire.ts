/** A wire with a few services of every protocol family, in which each test builds the operations it needs. */
import * as cloudwatch from '@aws-sdk/client-cloudwatch'
import * as logs from '@aws-sdk/client-cloudwatch-logs'
import type * as ec2 from '@aws-sdk/client-ec2'
import * as elasticache from '@aws-sdk/client-elasticache'
import * as sns from '@aws-sdk/client-sns'
import { createWire, type MountedService, type Wire, type WireOptions } from '../src/create-wire.ts'
import type { WireCall } from '../src/message.ts'
import type { Operations } from '../src/operations.ts'
import { describeService } from '../src/schema/describe-service.ts'

export interface ExampleOperations {
  readonly elasticache?: Operations<typeof elasticache>
  readonly monitoring?: Operations<typeof cloudwatch>
  readonly logs?: Operations<typeof logs>
  readonly sns?: Operations<typeof sns>
  readonly ec2?: Operations<typeof ec2>
}

export const models = {
  elasticache: describeService({ signingName: 'elasticache', sdk: elasticache, client: elasticache.ElastiCacheClient }),
  monitoring: describeService({
    signingName: 'monitoring',
    sdk: cloudwatch,
    client: cloudwatch.CloudWatchClient,
    enums: 'check',
  }),
  logs: describeService({
    signingName: 'logs',
    sdk: logs,
    client: logs.CloudWatchLogsClient,
    enums: 'check',
    refusals: { style: 'constraint', code: 'InvalidParameterException' },
  }),
  sns: describeService({ signingName: 'sns', sdk: sns, client: sns.SNSClient, enums: 'check' }),
  ec2: describeService({
    signingName: 'ec2',
    sdk: () => import('@aws-sdk/client-ec2'),
    client: 'EC2Client',
    version: '2016-11-15',
    enums: 'check',
  }),
}

export interface ExampleWire {
  readonly wire: Wire
  readonly unhandled: unknown[]
}

export function exampleWire(operations: ExampleOperations, options: Partial<WireOptions<WireCall>> = {}): ExampleWire {
  const unhandled: unknown[] = []
  const services: MountedService[] = [
    { model: models.elasticache, operations: operations.elasticache ?? {} },
    { model: models.monitoring, operations: operations.monitoring ?? {} },
    { model: models.logs, operations: operations.logs ?? {} },
    { model: models.sns, operations: operations.sns ?? {} },
    { model: models.ec2, operations: operations.ec2 ?? {} },
  ]
  const wire = createWire({
    services,
    region: 'us-east-1',
    accountId: '000000000000',
    onUnhandled: error => unhandled.push(error),
    ...options,
  })
  return { wire, unhandled }
}
