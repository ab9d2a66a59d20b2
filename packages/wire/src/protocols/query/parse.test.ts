/** Golden bytes: how requests spell lists, maps and scalars, and what becomes of those that spell them wrong. */
import { describe, expect, it } from 'vitest'
import { models } from '../../../test/example-wire.ts'
import { isWireFault } from '../../fault.ts'
import { DEFAULT_LIMITS } from '../../limits.ts'
import { parseForm } from '../form.ts'
import { readForm, type FormNames } from './parse.ts'

async function read(
  service: keyof typeof models,
  operation: string,
  form: string,
  names: FormNames = 'query',
): Promise<unknown> {
  const { operations } = await models[service].load()
  const model = operations.get(operation)
  if (!model) throw new Error(`no ${operation}`)
  return readForm(model.input, parseForm([form], DEFAULT_LIMITS), names)
}

async function refusal(service: keyof typeof models, operation: string, form: string): Promise<string> {
  const error: unknown = await read(service, operation, form).catch((thrown: unknown) => thrown)
  if (!isWireFault(error)) throw new Error(`expected a wire fault, got ${String(error)}`)
  return `${error.code} ${error.status}: ${error.message}`
}

describe('a list', () => {
  const wanted = { CacheSubnetGroupName: 'g', SubnetIds: ['a', 'b', 'c'] }

  it.each([
    [
      'under the model’s name',
      'SubnetIds.SubnetIdentifier.1=a&SubnetIds.SubnetIdentifier.2=b&SubnetIds.SubnetIdentifier.3=c',
    ],
    ['under member', 'SubnetIds.member.1=a&SubnetIds.member.2=b&SubnetIds.member.3=c'],
    ['flattened', 'SubnetIds.1=a&SubnetIds.2=b&SubnetIds.3=c'],
    ['out of order and with gaps', 'SubnetIds.member.10=c&SubnetIds.member.2=b&SubnetIds.member.1=a'],
  ])('is taken %s', async (_, form) => {
    expect(await read('elasticache', 'CreateCacheSubnetGroup', `CacheSubnetGroupName=g&${form}`)).toEqual(wanted)
  })

  it('of structures keeps each item’s members together, in every spelling', async () => {
    for (const item of ['Tags.Tag', 'Tags.member', 'Tags']) {
      const form = `ResourceName=r&${item}.2.Key=b&${item}.1.Key=a&${item}.1.Value=1`
      expect(await read('elasticache', 'AddTagsToResource', form)).toEqual({
        ResourceName: 'r',
        Tags: [{ Key: 'a', Value: '1' }, { Key: 'b' }],
      })
    }
  })

  it('that is empty is spelled with nothing after the equals sign', async () => {
    expect(await read('elasticache', 'ModifyUserGroup', 'UserGroupId=g&UserIdsToAdd=')).toEqual({
      UserGroupId: 'g',
      UserIdsToAdd: [],
    })
  })

  it('has the names of EC2 in its dialect', async () => {
    const form = 'Filter.1.Name=vpc-id&Filter.1.Value.1=a&Filter.1.Value.2=b&SubnetId.1=s'
    expect(await read('ec2', 'DescribeSubnets', form, 'ec2')).toEqual({
      Filters: [{ Name: 'vpc-id', Values: ['a', 'b'] }],
      SubnetIds: ['s'],
    })
  })
})

it('reads maps by their entries, whatever their keys are called', async () => {
  const form =
    'Name=t&Attributes.entry.1.key=__proto__&Attributes.entry.1.value=x&Attributes.entry.2.key=a&Attributes.entry.2.value=y'
  const input = (await read('sns', 'CreateTopic', form)) as { Attributes: object }
  expect(Object.entries(input.Attributes)).toEqual([
    ['__proto__', 'x'],
    ['a', 'y'],
  ])
  expect(Object.getPrototypeOf(input.Attributes)).toBe(Object.prototype)
  expect(({} as { x?: string }).x).toBeUndefined()
})

it('reads numbers, booleans, timestamps and encoded text', async () => {
  const form =
    'ReplicationGroupId=a%26b+c%C3%A9&ReplicationGroupDescription=&NumNodeGroups=3&MultiAZEnabled=True&AtRestEncryptionEnabled=0'
  expect(await read('elasticache', 'CreateReplicationGroup', form)).toEqual({
    ReplicationGroupId: 'a&b cé',
    ReplicationGroupDescription: '',
    NumNodeGroups: 3,
    MultiAZEnabled: true,
    AtRestEncryptionEnabled: false,
  })
  for (const time of ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05', '2026-01-02T04:04:05%2B01:00', '1767323045']) {
    expect(await read('elasticache', 'DescribeEvents', `StartTime=${time}`)).toEqual({
      StartTime: new Date('2026-01-02T03:04:05Z'),
    })
  }
})

it.each([
  [
    'a word for a number',
    'CreateReplicationGroup',
    'NumNodeGroups=three',
    'MalformedInput 400: STRING_VALUE can not be converted to a Number',
  ],
  [
    'nothing for a number',
    'CreateReplicationGroup',
    'NumNodeGroups=',
    'MalformedInput 400: STRING_VALUE can not be converted to a Number',
  ],
  [
    'a word for a boolean',
    'CreateReplicationGroup',
    'MultiAZEnabled=maybe',
    'MalformedInput 400: boolean must follow xsd1.1 definition',
  ],
  ['a word for a time', 'DescribeEvents', 'StartTime=yesterday', 'MalformedInput 400: timestamp must follow ISO8601'],
  [
    'a day that no month has',
    'DescribeEvents',
    'StartTime=2026-13-45',
    'MalformedInput 400: timestamp must follow ISO8601',
  ],
  [
    'a structure for a text',
    'DeleteUser',
    'UserId.Name=x',
    'MalformedInput 400: Start of structure or map found where not expected.',
  ],
  [
    'a text for a list',
    'CreateUserGroup',
    'UserIds=x',
    'MalformedInput 400: Top level element may not be treated as a list',
  ],
  [
    'a text for a structure',
    'CreateUser',
    'AuthenticationMode=x',
    'MalformedInput 400: Unexpected complex element termination',
  ],
  [
    'a broken percent-encoding',
    'DeleteUser',
    'UserId=%ZZ',
    'MalformedQueryString 400: The query string contains an invalid percent-encoding.',
  ],
  [
    'a percent-encoding of no character',
    'DeleteUser',
    'UserId=%FF',
    'MalformedQueryString 400: The query string contains an invalid percent-encoding.',
  ],
])('refuses %s', async (_, operation, form, wanted) => {
  expect(await refusal('elasticache', operation, form)).toBe(wanted)
})

it('ignores parameters that the model does not know', async () => {
  expect(await read('elasticache', 'DeleteUser', 'UserId=u&Bogus=1&UserIdd.member.1=2')).toEqual({ UserId: 'u' })
})
