import {
  AddTagsToResourceCommand,
  CreateUserCommand,
  CreateUserGroupCommand,
  DeleteUserCommand,
  DescribeEventsCommand,
  DescribeUsersCommand,
  ListTagsForResourceCommand,
  ModifyUserCommand,
} from '@aws-sdk/client-elasticache'
import { passwordsSecret, type Arn } from '@hotshelf/domain'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type InProcess, refusal, startInProcess } from '../../../tests/in-process.ts'

let services: InProcess
beforeEach(async () => {
  services = await startInProcess()
})
afterEach(() => services.close())

const guide = {
  UserId: 'app-readonly',
  UserName: 'app-readonly',
  Engine: 'redis',
  Passwords: ['ReadOnlyPassword123!'],
  AccessString: 'on ~app:* +get +mget +hget +hgetall -@write',
}
const arn = 'arn:aws:elasticache:us-east-1:000000000000:user:app-readonly' as Arn
const create = (input: object = {}) => services.elasticache.send(new CreateUserCommand({ ...guide, ...input }))
const modify = (UserId: string, input: object) => services.elasticache.send(new ModifyUserCommand({ UserId, ...input }))
const remove = (UserId: string) => services.elasticache.send(new DeleteUserCommand({ UserId }))
const users = async (input: object = {}) =>
  (await services.elasticache.send(new DescribeUsersCommand(input))).Users ?? []

describe('users', () => {
  it('are made as the guide makes one, and come back text for text', async () => {
    const { $metadata: _, ...made } = await create()
    const expected = {
      UserId: 'app-readonly',
      UserName: 'app-readonly',
      Status: 'active',
      Engine: 'redis',
      MinimumEngineVersion: '6.0',
      AccessString: 'on ~app:* +get +mget +hget +hgetall -@write',
      UserGroupIds: [],
      Authentication: { Type: 'password', PasswordCount: 1 },
      ARN: arn,
    }
    expect(made).toEqual(expected)
    expect(await users({ UserId: 'APP-readonly' })).toEqual([expected])
    const { Events } = await services.elasticache.send(new DescribeEventsCommand({ SourceType: 'user' }))
    expect(Events?.map(event => event.Message)).toEqual(['User app-readonly created'])
  })

  it('begin with the built-in default user, whom nobody may change or delete', async () => {
    expect(await users()).toEqual([
      {
        UserId: 'default',
        UserName: 'default',
        Status: 'active',
        Engine: 'redis',
        MinimumEngineVersion: '6.0',
        AccessString: 'on ~* +@all',
        UserGroupIds: [],
        Authentication: { Type: 'no-password' },
        ARN: 'arn:aws:elasticache:us-east-1:000000000000:user:default',
      },
    ])
    for (const call of [modify('default', { AccessString: 'off' }), remove('default')])
      expect(await refusal(call)).toMatchObject({ name: 'InvalidParameterValueException', status: 400 })
    expect(await refusal(create({ UserId: 'default' }))).toMatchObject({ name: 'UserAlreadyExistsFault', status: 400 })
  })

  it('keep no password, only sealed hashes of at most two', async () => {
    await create({ Passwords: ['FirstPassword123!', 'SecondPassword123!'] })
    expect((await users({ UserId: 'app-readonly' }))[0]?.Authentication).toEqual({ Type: 'password', PasswordCount: 2 })
    const sealed = await services.store.secrets.get(arn, passwordsSecret)
    expect(sealed?.split('\n')).toEqual([
      expect.stringMatching(/^[0-9a-f]{64}$/),
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ])
    const row = await services.store.repository('user').get(arn)
    expect(JSON.stringify([row, sealed])).not.toContain('Password123!')
  })

  it.each([
    [{ Passwords: ['short'] }, 'InvalidParameterValueException', 'Passwords length must be between 16-128 characters.'],
    [
      { Passwords: ['x'.repeat(129)] },
      'InvalidParameterValueException',
      'Passwords length must be between 16-128 characters.',
    ],
    [
      { Passwords: [1, 2, 3].map(n => `Password${n}-123456`) },
      'InvalidParameterValueException',
      'A user can have at most 2 passwords.',
    ],
    [{ Passwords: undefined }, 'InvalidParameterCombinationException', /^One of Passwords, NoPasswordRequired/],
    [{ NoPasswordRequired: true }, 'InvalidParameterCombinationException', /^Passwords cannot be given/],
    [
      { AuthenticationMode: { Type: 'password' }, Passwords: undefined },
      'InvalidParameterCombinationException',
      /^Passwords must be given/,
    ],
    [{ Engine: 'memcached' }, 'InvalidParameterValueException', /Engine must be one of/],
    [{ UserName: 'My User' }, 'InvalidParameterValueException', /^The parameter UserName is not a valid user name/],
    [{ UserName: '(superuser)' }, 'InvalidParameterValueException', /^The parameter UserName is not a valid user name/],
    [{ UserId: '1user' }, 'InvalidParameterValueException', /UserId/],
    [{ AccessString: 'on ~* +@nosuch' }, 'InvalidParameterValueException', /Unknown command or category name in ACL$/],
    [{ AccessString: 'on ~* +config' }, 'InvalidParameterValueException', /not available in ElastiCache/],
    [
      { Engine: 'valkey', Passwords: undefined, NoPasswordRequired: true },
      'InvalidParameterCombinationException',
      /^Users of engine valkey must/,
    ],
    [
      { UserName: 'other', Passwords: undefined, AuthenticationMode: { Type: 'iam' } },
      'InvalidParameterCombinationException',
      'User Id and User name must be same for authentication type: iam',
    ],
  ])('are refused with %o', async (input, name, message) => {
    const refused = await refusal(create(input))
    expect(refused).toMatchObject({ name, status: 400 })
    if (typeof message === 'string') expect(refused.message).toBe(message)
    else expect(refused.message).toMatch(message)
    expect(await users({ UserId: 'default' })).toHaveLength(1)
    expect(await users()).toHaveLength(1)
  })

  it('of type iam have no password', async () => {
    const iam = { Passwords: undefined, AuthenticationMode: { Type: 'iam' } } as const
    expect((await create({ ...iam, Engine: 'valkey' })).Authentication).toEqual({ Type: 'iam' })
    expect(await services.store.secrets.get(arn, passwordsSecret)).toBeUndefined()
    expect((await modify('app-readonly', { Passwords: ['AnotherPassword123!'] })).Authentication).toEqual({
      Type: 'password',
      PasswordCount: 1,
    })
    expect((await modify('app-readonly', { AuthenticationMode: { Type: 'iam' } })).Authentication).toEqual({
      Type: 'iam',
    })
    expect(await services.store.secrets.get(arn, passwordsSecret)).toBeUndefined()
  })

  it('refuse an id that is taken, and one that is not there', async () => {
    await create()
    expect(await refusal(create())).toEqual({
      name: 'UserAlreadyExistsFault',
      message: 'User app-readonly already exists.',
      status: 400,
    })
    for (const call of [modify('nobody', { AccessString: 'off' }), remove('nobody'), users({ UserId: 'nobody' })])
      expect(await refusal(call)).toEqual({ name: 'UserNotFoundFault', message: 'User nobody not found.', status: 404 })
  })

  it('change what they may do, and how they log in', async () => {
    await create()
    expect(await modify('app-readonly', { AppendAccessString: '+hlen' })).toMatchObject({
      AccessString: `${guide.AccessString} +hlen`,
      Status: 'active',
    })
    await modify('app-readonly', { AccessString: 'off ~* +@all' })
    await modify('app-readonly', { Passwords: ['AnotherPassword123!'] })
    const before = await services.store.repository('user').get(arn)
    await modify('app-readonly', { Passwords: ['AnotherPassword123!'] })
    expect((await services.store.repository('user').get(arn))?.generation).toBe(before?.generation)
    const open = await modify('app-readonly', { NoPasswordRequired: true })
    expect(open.Authentication).toEqual({ Type: 'no-password' })
    expect(await services.store.secrets.get(arn, passwordsSecret)).toBeUndefined()
    expect(await refusal(modify('app-readonly', { Engine: 'valkey' }))).toMatchObject({
      name: 'InvalidParameterCombinationException',
    })
    expect(await refusal(modify('app-readonly', {}))).toMatchObject({ message: 'No modifications were requested' })
    expect(await refusal(modify('app-readonly', { AppendAccessString: '+nosuch' }))).toMatchObject({
      message: expect.stringMatching(/Unknown command/),
    })
  })

  it('have tags', async () => {
    await create({ Tags: [{ Key: 'team', Value: 'cache' }] })
    await services.elasticache.send(
      new AddTagsToResourceCommand({ ResourceName: arn, Tags: [{ Key: 'stage', Value: 'test' }] }),
    )
    const { TagList } = await services.elasticache.send(new ListTagsForResourceCommand({ ResourceName: arn }))
    expect(TagList).toEqual([
      { Key: 'team', Value: 'cache' },
      { Key: 'stage', Value: 'test' },
    ])
  })

  it('are found by filters and engine, page by page', async () => {
    for (let i = 10; i < 35; i++)
      await create({ UserId: `user-${i}`, UserName: `name-${i}`, Engine: i < 20 ? 'valkey' : 'redis' })
    expect(await users({ Engine: 'VALKEY' })).toHaveLength(10)
    expect(await users({ Filters: [{ Name: 'user-name', Values: ['name-11', 'name-12'] }] })).toHaveLength(2)
    expect(await users({ Filters: [{ Name: 'UserId', Values: ['user-30'] }] })).toHaveLength(1)
    expect(await refusal(users({ Filters: [{ Name: 'colour', Values: ['red'] }] }))).toMatchObject({
      name: 'InvalidParameterValueException',
    })
    const first = await services.elasticache.send(new DescribeUsersCommand({ MaxRecords: 20 }))
    const rest = await services.elasticache.send(new DescribeUsersCommand({ MaxRecords: 20, Marker: first.Marker }))
    expect([...first.Users!, ...rest.Users!].map(user => user.UserId)).toEqual(
      ['default', ...Array.from({ length: 25 }, (_, i) => `user-${i + 10}`)].toSorted(),
    )
    expect(rest.Marker).toBeUndefined()
  })

  it('leave their groups when they are deleted, but a group of engine redis is never without a default user', async () => {
    await create()
    await create({ UserId: 'new-default', UserName: 'default' })
    await services.elasticache.send(
      new CreateUserGroupCommand({ UserGroupId: 'g', Engine: 'redis', UserIds: ['new-default', 'app-readonly'] }),
    )
    expect((await users({ UserId: 'app-readonly' }))[0]?.UserGroupIds).toEqual(['g'])
    expect(await refusal(remove('new-default'))).toMatchObject({
      name: 'DefaultUserAssociatedToUserGroupFault',
      status: 400,
    })
    expect(await remove('app-readonly')).toMatchObject({ UserId: 'app-readonly', Status: 'deleting' })
    expect(await refusal(users({ UserId: 'app-readonly' }))).toMatchObject({ name: 'UserNotFoundFault', status: 404 })
    expect(await services.store.secrets.get(arn, passwordsSecret)).toBeUndefined()
  })
})
