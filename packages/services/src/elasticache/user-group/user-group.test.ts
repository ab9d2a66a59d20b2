import {
  CreateUserCommand,
  CreateUserGroupCommand,
  DeleteUserGroupCommand,
  DescribeUserGroupsCommand,
  ListTagsForResourceCommand,
  ModifyUserCommand,
  ModifyUserGroupCommand,
} from '@aws-sdk/client-elasticache'
import { elasticacheArn } from '@hotshelf/domain'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type InProcess, refusal, scope, startInProcess } from '../../../tests/in-process.ts'

let services: InProcess
beforeEach(async () => {
  services = await startInProcess()
  await user('reader')
  await user('writer')
})
afterEach(() => services.close())

const user = (UserId: string, input: object = {}) =>
  services.elasticache.send(
    new CreateUserCommand({
      UserId,
      UserName: UserId,
      Engine: 'redis',
      Passwords: [`Password-of-${UserId}`],
      AccessString: 'on ~* +@read',
      ...input,
    }),
  )
const create = (input: object = {}) =>
  services.elasticache.send(
    new CreateUserGroupCommand({ UserGroupId: 'app-users', Engine: 'redis', UserIds: ['default', 'reader'], ...input }),
  )
const modify = (input: object) =>
  services.elasticache.send(new ModifyUserGroupCommand({ UserGroupId: 'app-users', ...input }))
const remove = (UserGroupId = 'app-users') => services.elasticache.send(new DeleteUserGroupCommand({ UserGroupId }))
const groups = async (input: object = {}) =>
  (await services.elasticache.send(new DescribeUserGroupsCommand(input))).UserGroups ?? []

describe('user groups', () => {
  it('are made as the guide makes one', async () => {
    const { $metadata: _, ...made } = await create({ Tags: [{ Key: 'team', Value: 'cache' }] })
    const expected = {
      UserGroupId: 'app-users',
      Status: 'active',
      Engine: 'redis',
      UserIds: ['default', 'reader'],
      MinimumEngineVersion: '6.0',
      ReplicationGroups: [],
      ServerlessCaches: [],
      ARN: 'arn:aws:elasticache:us-east-1:000000000000:usergroup:app-users',
    }
    expect(made).toEqual(expected)
    expect(await groups({ UserGroupId: 'APP-users' })).toEqual([expected])
    expect(await groups()).toEqual([expected])
    const { TagList } = await services.elasticache.send(new ListTagsForResourceCommand({ ResourceName: expected.ARN }))
    expect(TagList).toEqual([{ Key: 'team', Value: 'cache' }])
  })

  it('of engine redis have a default user, and no name twice', async () => {
    expect(await refusal(create({ UserIds: ['reader'] }))).toEqual({
      name: 'DefaultUserRequired',
      message: 'User group needs to contain a user with the user name default.',
      status: 400,
    })
    await user('default-2', { UserName: 'default' })
    expect(await refusal(create({ UserIds: ['default', 'default-2'] }))).toMatchObject({
      name: 'DuplicateUserNameFault',
    })
    expect(await refusal(create({ UserIds: ['default', 'nobody'] }))).toEqual({
      name: 'UserNotFoundFault',
      message: 'User nobody not found.',
      status: 404,
    })
    expect(await refusal(create({ UserGroupId: 'a--b' }))).toMatchObject({ name: 'InvalidParameterValueException' })
    expect(await groups()).toEqual([])
  })

  it('of engine valkey need no default user, and have no user without a password', async () => {
    await user('valkey-user', { Engine: 'valkey' })
    expect(await create({ Engine: 'valkey', UserIds: ['reader', 'valkey-user'] })).toMatchObject({ Engine: 'valkey' })
    expect(await create({ UserGroupId: 'nobody-yet', Engine: 'valkey', UserIds: undefined })).toMatchObject({
      UserIds: [],
    })
    expect(await refusal(create({ UserGroupId: 'open', Engine: 'valkey' }))).toMatchObject({
      name: 'InvalidParameterCombinationException',
    })
    expect(
      await refusal(services.elasticache.send(new ModifyUserCommand({ UserId: 'reader', NoPasswordRequired: true }))),
    ).toMatchObject({ name: 'InvalidParameterCombinationException' })
  })

  it('take users in and let them go, a default user swapped in one step', async () => {
    await create()
    expect(await modify({ UserIdsToAdd: ['writer'] })).toMatchObject({ UserIds: ['default', 'reader', 'writer'] })
    await user('new-default', { UserName: 'default' })
    expect(await refusal(modify({ UserIdsToRemove: ['default'] }))).toMatchObject({ name: 'DefaultUserRequired' })
    expect(await refusal(modify({ UserIdsToAdd: ['new-default'] }))).toMatchObject({ name: 'DuplicateUserNameFault' })
    expect(await modify({ UserIdsToAdd: ['new-default'], UserIdsToRemove: ['default'] })).toMatchObject({
      UserIds: ['reader', 'writer', 'new-default'],
      Status: 'active',
    })
    expect(await refusal(modify({ UserIdsToRemove: ['default'] }))).toMatchObject({
      name: 'InvalidParameterValueException',
      message: expect.stringContaining('not a member'),
    })
    expect(await refusal(modify({ UserIdsToAdd: ['reader'] }))).toMatchObject({
      name: 'InvalidParameterValueException',
    })
    expect(await refusal(modify({}))).toMatchObject({ message: 'No modifications were requested' })
  })

  it('are unique, found, and forgotten', async () => {
    await create()
    expect(await refusal(create())).toEqual({
      name: 'UserGroupAlreadyExistsFault',
      message: 'User Group app-users already exists.',
      status: 400,
    })
    expect(await remove()).toMatchObject({ UserGroupId: 'app-users', Status: 'deleting' })
    for (const call of [remove(), groups({ UserGroupId: 'app-users' }), modify({ UserIdsToAdd: ['writer'] })])
      expect(await refusal(call)).toEqual({
        name: 'UserGroupNotFoundFault',
        message: 'UserGroup app-users not found.',
        status: 404,
      })
  })

  it('are at most a hundred, of at most a hundred users', async () => {
    const ids = Array.from({ length: 101 }, (_, i) => `user-${i}`)
    const add = (kind: 'user' | 'user-group', type: 'user' | 'usergroup', desired: { readonly id: string }) =>
      services.store.repository(kind).insert({
        ...scope,
        arn: elasticacheArn(scope, type, desired.id),
        name: desired.id,
        desired,
        createdAt: new Date(),
      })
    const rest = { name: 'x', engine: 'redis', accessString: 'on', authentication: 'password' }
    for (const id of ids) await add('user', 'user', { ...rest, id, name: id } as { id: string })
    expect(await refusal(create({ Engine: 'valkey', UserIds: ids }))).toMatchObject({
      name: 'UserGroupQuotaExceededFault',
    })
    for (let i = 0; i < 100; i++)
      await add('user-group', 'usergroup', { id: `group-${i}`, engine: 'valkey', userIds: [] } as { id: string })
    expect(await refusal(create())).toMatchObject({ name: 'UserGroupQuotaExceededFault', status: 400 })
  })
})
