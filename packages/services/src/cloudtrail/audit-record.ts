/**
 * One answered call as the audit trail keeps it: CloudTrail's event, and by what it is found.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
import { randomUUID } from 'node:crypto'
import type { AuditKind, AuditRecord, AuditResource } from '@hotshelf/domain'
import type { AnsweredCall } from '@hotshelf/wire'
import { namedResources } from '../asked-resources.ts'
import { hidden, redacted } from './redact.ts'

export type AuditedCall = Pick<
  AnsweredCall,
  | 'requestId'
  | 'service'
  | 'operation'
  | 'protocol'
  | 'region'
  | 'caller'
  | 'startedAt'
  | 'userAgent'
  | 'remoteAddress'
  | 'claimed'
  | 'input'
  | 'output'
  | 'error'
>

export interface AuditedAs {
  /** The server's own. */
  readonly accountId: string
  readonly region: string
}

const version = '1.08'
const longestText = 1024
/** Characters of JSON; what is longer is left out and said to be. */
const longestPart = 32_768

export function auditRecord(call: AuditedCall, own: AuditedAs): AuditRecord {
  const eventId = randomUUID()
  const who = identityOf(call)
  const account = call.caller?.accountId ?? own.accountId
  const region = /^[a-z]{2}(?:-[a-z]+)+-\d+$/.test(call.region) ? call.region.slice(0, 32) : own.region
  const eventName = nameOf(call)
  const eventSource = sourceOf(call)
  const readOnly = /^(Describe|List|Get|Lookup)/.test(eventName)
  const event = {
    eventVersion: version,
    userIdentity: who.identity,
    eventTime: call.startedAt.toISOString().replace(/\.\d+Z$/, 'Z'),
    eventSource,
    eventName,
    awsRegion: region,
    sourceIPAddress: addressOf(call.remoteAddress),
    userAgent: shortened(call.userAgent ?? ''),
    ...(call.error && { errorCode: codeOf(call, call.error.code), errorMessage: messageOf(call, call.error.message) }),
    // What a stranger wrote is not kept: it may be anything, and it was not looked at.
    requestParameters: call.caller ? bounded(redacted(call.input)) : null,
    // Answers to questions are not kept, as CloudTrail does not.
    responseElements: call.error || readOnly ? null : bounded(redacted(unwrapped(call.output))),
    requestID: call.requestId,
    eventID: eventId,
    readOnly,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: 'Management',
  }
  return {
    account,
    region,
    kind: kindOf(call, readOnly),
    at: call.startedAt,
    eventId,
    eventName,
    eventSource,
    readOnly,
    userName: who.userName,
    accessKeyId: who.accessKeyId,
    resources: resourcesOf(call),
    event: JSON.stringify(event),
  }
}

/** A call that was let in counts as what it is, also when it failed; whoever was turned away counts apart. */
function kindOf({ caller, error }: AuditedCall, readOnly: boolean): AuditKind {
  if (!caller || (error && denials.has(error.code))) return 'refused'
  return readOnly ? 'look' : 'change'
}

const denials = new Set(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation'])

function identityOf({ caller, claimed }: AuditedCall) {
  if (!caller) {
    const accessKeyId = claimed.accessKeyId === undefined ? undefined : shortened(claimed.accessKeyId, 128)
    return { identity: { type: 'Unknown', ...(accessKeyId && { accessKeyId }) }, userName: undefined, accessKeyId }
  }
  const { accountId, arn } = caller
  const accessKeyId = caller.accessKeyId === undefined ? undefined : shortened(caller.accessKeyId, 128)
  const userName = /:user\/(.+)$/.exec(arn)?.[1]
  const common = { arn, accountId, ...(accessKeyId && { accessKeyId }) }
  return userName === undefined
    ? { identity: { type: 'Root', principalId: accountId, ...common }, userName: 'root', accessKeyId }
    : {
        identity: { type: 'IAMUser', principalId: accessKeyId ?? accountId, ...common, userName },
        userName,
        accessKeyId,
      }
}

const nameOf = ({ operation, claimed }: AuditedCall): string =>
  /^[A-Za-z0-9]{1,64}$/.exec(operation ?? claimed.operation ?? '')?.[0] ?? 'Unknown'

const sourceOf = ({ service }: AuditedCall): string =>
  `${/^[a-z0-9-]{1,32}$/.exec(service ?? '')?.[0] ?? 'unknown'}.amazonaws.com`

/** EC2 says whose mistake it was. */
const codeOf = ({ protocol }: AuditedCall, code: string): string => (protocol === 'ec2' ? `Client.${code}` : code)

/** A refusal may repeat what it refuses, and what it refuses may be a secret. */
function messageOf({ input }: AuditedCall, message: string): string {
  return shortened(secretsIn(input).reduce((text, secret) => text.replaceAll(secret, hidden), message))
}

function secretsIn(input: unknown): readonly string[] {
  const kept = new Set(textsIn(redacted(input)))
  return textsIn(input)
    .filter(text => !kept.has(text))
    .flatMap(text => [
      text,
      ...text
        .split(/\s+/)
        .filter(isRule)
        .map(rule => rule.slice(1)),
    ])
    .filter(text => text.length >= 4)
}

/** Of an access string: a password, or its hash, behind its mark. */
const isRule = (word: string): boolean => /^[><#!]/.test(word)

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

/** CloudTrail shows the one thing that an answer is about without its wrapping. */
function unwrapped(output: unknown): unknown {
  if (typeof output !== 'object' || output === null) return output
  const [only, ...rest] = Object.entries(output).filter(([, value]) => value !== undefined)
  return only && rest.length === 0 && unwrappedNames.has(only[0]) ? only[1] : output
}

const unwrappedNames = new Set([
  'CacheCluster',
  'ReplicationGroup',
  'CacheSubnetGroup',
  'CacheParameterGroup',
  'Snapshot',
])

function bounded(value: unknown): unknown {
  const length = JSON.stringify(value)?.length ?? 0
  if (length <= longestPart) return value
  return { omitted: true, originalSize: length, reason: 'the maximum size for this field was exceeded' }
}

const addressOf = (address: string | undefined): string => (address ?? '').replace(/^::ffff:/, '')

/** No database keeps a NUL. */
const shortened = (text: string, most = longestText): string => text.slice(0, most).replaceAll('\0', '\uFFFD')

const mostResources = 20

function resourcesOf({ service, operation, region, caller, input, output }: AuditedCall): readonly AuditResource[] {
  if (!caller || service === undefined || operation === undefined) return []
  const call = { service, operation, region, caller }
  const arns = new Set([...namedResources(call, input), ...namedResources(call, output)])
  return [...arns].slice(0, mostResources).flatMap(arn => resourceOf(arn) ?? [])
}

function resourceOf(arn: string): AuditResource | undefined {
  const [, , service = '', , , ...rest] = arn.split(':')
  const [, kind = '', name = ''] = /^([^:/]+)[:/](.*)$/.exec(rest.join(':')) ?? []
  const type = types[service]?.[kind]
  return type === undefined || name === '' ? undefined : { type, name: shortened(name, 256) }
}

const types: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  elasticache: {
    replicationgroup: 'AWS::ElastiCache::ReplicationGroup',
    cluster: 'AWS::ElastiCache::CacheCluster',
    parametergroup: 'AWS::ElastiCache::ParameterGroup',
    subnetgroup: 'AWS::ElastiCache::SubnetGroup',
    securitygroup: 'AWS::ElastiCache::SecurityGroup',
    snapshot: 'AWS::ElastiCache::Snapshot',
    user: 'AWS::ElastiCache::User',
    usergroup: 'AWS::ElastiCache::UserGroup',
    serverlesscache: 'AWS::ElastiCache::ServerlessCache',
    serverlesscachesnapshot: 'AWS::ElastiCache::ServerlessCacheSnapshot',
  },
  ec2: { vpc: 'AWS::EC2::VPC', subnet: 'AWS::EC2::Subnet', 'security-group': 'AWS::EC2::SecurityGroup' },
  logs: { 'log-group': 'AWS::Logs::LogGroup' },
  kms: { key: 'AWS::KMS::Key', alias: 'AWS::KMS::Alias' },
}
