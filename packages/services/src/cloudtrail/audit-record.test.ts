import { describe, expect, it } from 'vitest'
import { auditRecord, type AuditedCall } from './audit-record.ts'

const own = { accountId: '000000000000', region: 'us-east-1' }
const secret = 'a-very-secret-token-of-the-customer'

const call = (more: Partial<AuditedCall> = {}): AuditedCall => ({
  requestId: 'request-1',
  service: 'elasticache',
  operation: 'CreateReplicationGroup',
  protocol: 'query',
  region: 'eu-west-1',
  caller: { accountId: '111122223333', arn: 'arn:aws:iam::111122223333:user/ann', accessKeyId: 'AKIAANN' },
  startedAt: new Date('2026-03-04T05:06:07.890Z'),
  userAgent: 'aws-cli/2',
  remoteAddress: '::ffff:127.0.0.1',
  claimed: { accessKeyId: 'AKIAANN', operation: 'CreateReplicationGroup' },
  input: { ReplicationGroupId: 'App', AuthToken: secret, NumCacheClusters: 2 },
  output: { ReplicationGroup: { ReplicationGroupId: 'app', AuthTokenEnabled: true, CreatedAt: new Date(0) } },
  error: undefined,
  ...more,
})

const eventOf = (more: Partial<AuditedCall> = {}) =>
  JSON.parse(auditRecord(call(more), own).event) as Record<string, any>

describe('a call on record', () => {
  it('is an event as CloudTrail writes it', () => {
    const { event, ...record } = auditRecord(call(), own)
    expect(record).toEqual({
      account: '111122223333',
      region: 'eu-west-1',
      kind: 'change',
      at: new Date('2026-03-04T05:06:07.890Z'),
      eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      eventName: 'CreateReplicationGroup',
      eventSource: 'elasticache.amazonaws.com',
      readOnly: false,
      userName: 'ann',
      accessKeyId: 'AKIAANN',
      resources: [{ type: 'AWS::ElastiCache::ReplicationGroup', name: 'app' }],
    })
    expect(JSON.parse(event)).toEqual({
      eventVersion: '1.08',
      userIdentity: {
        type: 'IAMUser',
        principalId: 'AKIAANN',
        arn: 'arn:aws:iam::111122223333:user/ann',
        accountId: '111122223333',
        accessKeyId: 'AKIAANN',
        userName: 'ann',
      },
      eventTime: '2026-03-04T05:06:07Z',
      eventSource: 'elasticache.amazonaws.com',
      eventName: 'CreateReplicationGroup',
      awsRegion: 'eu-west-1',
      sourceIPAddress: '127.0.0.1',
      userAgent: 'aws-cli/2',
      requestParameters: {
        replicationGroupId: 'App',
        authToken: 'HIDDEN_DUE_TO_SECURITY_REASONS',
        numCacheClusters: 2,
      },
      responseElements: { replicationGroupId: 'app', authTokenEnabled: true, createdAt: '1970-01-01T00:00:00.000Z' },
      requestID: 'request-1',
      eventID: record.eventId,
      readOnly: false,
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: '111122223333',
      eventCategory: 'Management',
    })
  })

  it('shows no answer to a question', () => {
    const asked = { operation: 'DescribeReplicationGroups', input: {}, output: { ReplicationGroups: [] } }
    expect(auditRecord(call(asked), own)).toMatchObject({ kind: 'look', readOnly: true, resources: [] })
    expect(eventOf(asked)).toMatchObject({ readOnly: true, responseElements: null })
  })

  it('shows a failure with its code, as the service writes it', () => {
    const error = { code: 'InvalidGroup.NotFound', message: 'gone' }
    expect(eventOf({ error })).toMatchObject({ errorCode: 'InvalidGroup.NotFound', errorMessage: 'gone' })
    expect(eventOf({ error, protocol: 'ec2', service: 'ec2' })).toMatchObject({
      errorCode: 'Client.InvalidGroup.NotFound',
    })
  })

  it('counts a denied call apart, with who it was', () => {
    const error = { code: 'AccessDenied', message: 'User: …' }
    expect(auditRecord(call({ error }), own)).toMatchObject({ kind: 'refused', userName: 'ann' })
  })

  it('names the root user where everybody is believed', () => {
    const caller = { accountId: '000000000000', arn: 'arn:aws:iam::000000000000:root', accessKeyId: undefined }
    expect(eventOf({ caller })['userIdentity']).toEqual({
      type: 'Root',
      principalId: '000000000000',
      arn: caller.arn,
      accountId: '000000000000',
    })
  })

  it('finds what EC2 made in its answer', () => {
    const made = {
      service: 'ec2',
      operation: 'CreateSecurityGroup',
      input: { GroupName: 'x' },
      output: { GroupId: 'sg-1' },
    }
    expect(auditRecord(call(made), own).resources).toEqual([{ type: 'AWS::EC2::SecurityGroup', name: 'sg-1' }])
  })
})

describe('a stranger', () => {
  const stranger: Partial<AuditedCall> = {
    caller: undefined,
    operation: undefined,
    region: '../../etc',
    service: '<script>',
    userAgent: 'x'.repeat(9_000),
    input: undefined,
    output: undefined,
    claimed: { accessKeyId: `AKIA${'A'.repeat(9_000)}`, operation: 'DeleteUser' },
    error: { code: 'InvalidClientTokenId', message: 'no' },
  }

  it('is on record with what it claimed, and with nothing at length', () => {
    const record = auditRecord(call(stranger), own)
    expect(record).toMatchObject({
      kind: 'refused',
      account: own.accountId,
      region: own.region,
      eventName: 'DeleteUser',
      eventSource: 'unknown.amazonaws.com',
      userName: undefined,
    })
    expect(record.event.length).toBeLessThan(2_500)
    expect(JSON.parse(record.event)).toMatchObject({ userIdentity: { type: 'Unknown' }, requestParameters: null })
  })

  it('may claim an operation that is none', () => {
    expect(
      auditRecord(call({ ...stranger, claimed: { accessKeyId: undefined, operation: '\n<x>' } }), own).eventName,
    ).toBe('Unknown')
  })
})

it('no NUL, which no database keeps, gets into a record, wherever a caller puts it', () => {
  const nul = 'a\0b'
  const arn = `arn:aws:iam::111122223333:user/ann`
  const strange: Partial<AuditedCall> = {
    region: nul,
    service: nul,
    operation: undefined,
    userAgent: nul,
    caller: undefined,
    claimed: { accessKeyId: nul, operation: nul },
    error: { code: 'InvalidClientTokenId', message: nul },
  }
  const known: Partial<AuditedCall> = {
    userAgent: nul,
    caller: { accountId: '111122223333', arn, accessKeyId: nul },
    input: { ReplicationGroupId: nul, Tags: [{ Key: nul, Value: nul }] },
    output: { ReplicationGroup: { ReplicationGroupId: nul } },
  }
  for (const record of [auditRecord(call(strange), own), auditRecord(call(known), own)]) {
    const texts = [...Object.values(record), ...record.resources.flatMap(({ type, name }) => [type, name])]
    for (const text of texts) if (typeof text === 'string') expect(text).not.toContain('\0')
  }
  expect(auditRecord(call(strange), own)).toMatchObject({
    accessKeyId: 'a\uFFFDb',
    eventName: 'Unknown',
    eventSource: 'unknown.amazonaws.com',
    region: own.region,
  })
})

describe('secrets', () => {
  it.each([
    ['a token', { AuthToken: secret }],
    ['passwords', { Passwords: [secret, 'another-secret-password'] }],
    ['passwords within a mode', { AuthenticationMode: { Type: 'password', Passwords: [secret] } }],
    ['a password in an access string', { AccessString: `on ~* >${secret} +@all` }],
    ['a hash in an access string', { AccessString: `on #${secret}` }],
    ['what a service of tomorrow has', { Nested: { MasterUserPassword: secret, SecretString: secret } }],
    ['a key to encrypt with', { Plaintext: new TextEncoder().encode(secret) }],
  ])('are not in an event: %s', (_, input) => {
    const error = { code: 'InvalidParameterValue', message: `Invalid value "${secret}" for it` }
    for (const record of [auditRecord(call({ input }), own), auditRecord(call({ input, error }), own)]) {
      expect(JSON.stringify(record)).toContain('HIDDEN_DUE_TO_SECURITY_REASONS')
    }
    expect(JSON.stringify(auditRecord(call({ input }), own))).not.toContain(secret)
    if (!('Plaintext' in input)) expect(JSON.stringify(auditRecord(call({ input, error }), own))).not.toContain(secret)
  })

  it('are told from what only sounds like one', () => {
    const input = { AuthTokenUpdateStrategy: 'ROTATE', NoPasswordRequired: true, AccessString: 'on ~* +@all' }
    expect(eventOf({ input })['requestParameters']).toEqual({
      authTokenUpdateStrategy: 'ROTATE',
      noPasswordRequired: true,
      accessString: 'on ~* +@all',
    })
  })
})

it('what is too long for an event is left out, and said to be', () => {
  const input = { Tags: Array.from({ length: 5_000 }, (_, index) => ({ Key: `key-${index}`, Value: 'value' })) }
  expect(eventOf({ input })['requestParameters']).toMatchObject({ omitted: true, originalSize: expect.any(Number) })
})
