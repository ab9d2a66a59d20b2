/**
 * Where a group's slow log and engine log go. At most one destination per log type; what is shown is exactly what was
 * asked for, because infrastructure tools compare it text for text.
 */
import type { LogDeliveryConfiguration, LogDeliveryConfigurationRequest } from '@aws-sdk/client-elasticache'
import { type EngineName, fault, type LogDelivery, supports } from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'
import { notBuilt } from '../not-built.ts'

interface Engine {
  readonly engine: EngineName
  readonly engineVersion: string
}

/** What a request makes of the deliveries there are: each log type it names is replaced, or ended with `Enabled: false`. */
export async function changeLogDelivery(
  requests: readonly LogDeliveryConfigurationRequest[],
  present: readonly LogDelivery[],
  engine: Engine,
  call: Call,
): Promise<readonly LogDelivery[]> {
  const types = requests.map(request => requireLogType(request))
  if (new Set(types).size < types.length)
    throw combination('Only one log delivery configuration is allowed for each log type.')
  const kept = present.filter(delivery => !types.includes(delivery.logType))
  const wanted = requests.filter(request => request.Enabled !== false).map(request => readRequest(request, engine))
  for (const delivery of wanted) await requireLogGroup(delivery, call)
  return [...kept, ...wanted].toSorted((a, b) => (a.logType < b.logType ? 1 : -1))
}

function requireLogType({ LogType }: LogDeliveryConfigurationRequest): LogDelivery['logType'] {
  if (LogType === 'slow-log' || LogType === 'engine-log') return LogType
  throw value('The parameter LogType must be one of: slow-log, engine-log.')
}

function readRequest(request: LogDeliveryConfigurationRequest, engine: Engine): LogDelivery {
  const logType = requireLogType(request)
  const feature = logType === 'slow-log' ? 'slowLogDelivery' : 'engineLogDelivery'
  if (!supports(feature, engine.engine, engine.engineVersion))
    throw combination(`Log type ${logType} is not supported for ${engine.engine} version ${engine.engineVersion}.`)
  if (request.DestinationType === 'kinesis-firehose') throw notBuilt('Log delivery to kinesis-firehose')
  const destination = request.DestinationDetails?.CloudWatchLogsDetails?.LogGroup
  if (request.DestinationType !== 'cloudwatch-logs' || !destination)
    throw combination('DestinationDetails must contain the details of the given DestinationType.')
  if (request.LogFormat !== 'text' && request.LogFormat !== 'json')
    throw value('The parameter LogFormat must be one of: text, json.')
  return { logType, destinationType: 'cloudwatch-logs', destination, logFormat: request.LogFormat }
}

async function requireLogGroup(delivery: LogDelivery, call: Call): Promise<void> {
  if (await call.store.repository('log-group').find(scopeOf(call), delivery.destination)) return
  throw value(`The CloudWatch Logs log group ${delivery.destination} does not exist.`)
}

export const renderLogDelivery = (deliveries: readonly LogDelivery[]): LogDeliveryConfiguration[] =>
  deliveries.map(delivery => ({
    LogType: delivery.logType,
    DestinationType: delivery.destinationType,
    DestinationDetails:
      delivery.destinationType === 'cloudwatch-logs'
        ? { CloudWatchLogsDetails: { LogGroup: delivery.destination } }
        : { KinesisFirehoseDetails: { DeliveryStream: delivery.destination } },
    LogFormat: delivery.logFormat,
    Status: 'active',
  }))

const value = (message: string) => fault('InvalidParameterValueException', message)
const combination = (message: string) => fault('InvalidParameterCombinationException', message)
