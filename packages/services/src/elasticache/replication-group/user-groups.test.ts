import {
  AddTagsToResourceCommand,
  CreateReplicationGroupCommand,
  type CreateReplicationGroupCommandInput,
  CreateUserCommand,
  CreateUserGroupCommand,
  DeleteUserCommand,
  DeleteUserGroupCommand,
  DescribeReplicationGroupsCommand,
  DescribeUserGroupsCommand,
  DescribeUsersCommand,
  ModifyReplicationGroupCommand,
  type ModifyReplicationGroupCommandInput,
  ModifyUserCommand,
  ModifyUserGroupCommand,
} from '@aws-sdk/client-elasticache'
import { settle } from '@hotshelf/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { groupArn, type InProcess, refusal, startInProcess } from '../../../tests/in-process.ts'

let services: InProcess
beforeEach(async () => {
  services = await startInProcess()
  await user('reader')
  await user('writer')
  await userGroup('app-users', { UserIds: ['default', 'reader'] })
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
const userGroup = (UserGroupId: string, input: object = {}) =>
  services.elasticache.send(
    new CreateUserGroupCommand({ UserGroupId, Engine: 'redis', UserIds: ['default'], ...input }),
  )
const tls = { TransitEncryptionEnabled: true } as const
const create = async (id: string, input: Partial<CreateReplicationGroupCommandInput> = {}) =>
  (
    await services.elasticache.send(
      new CreateReplicationGroupCommand({
        ReplicationGroupId: id,
        ReplicationGroupDescription: id,
        CacheNodeType: 'cache.r7g.large',
        ...tls,
        ...input,
      }),
    )
  ).ReplicationGroup!
const settled = async (id: string) => {
  await settle(services.store, groupArn(id))
  services.woken.length = 0
}
const modify = async (id: string, input: Partial<ModifyReplicationGroupCommandInput>) =>
  (await services.elasticache.send(new ModifyReplicationGroupCommand({ ReplicationGroupId: id, ...input })))
    .ReplicationGroup!
const described = async (id: string) =>
  (await services.elasticache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: id })))
    .ReplicationGroups![0]!
const describedUser = async (UserId: string) =>
  (await services.elasticache.send(new DescribeUsersCommand({ UserId }))).Users![0]!
const describedGroup = async (UserGroupId: string) =>
  (await services.elasticache.send(new DescribeUserGroupsCommand({ UserGroupId }))).UserGroups![0]!

describe('a cache with a user group', () => {
  it('is made with it, and takes one that is added as the guide does', async () => {
    expect(await create('born', { UserGroupIds: ['app-users'] })).toMatchObject({ UserGroupIds: ['app-users'] })
    await create('grown')
    await settled('grown')
    const changed = await modify('grown', { UserGroupIdsToAdd: ['App-Users'] })
    expect(changed).toMatchObject({
      Status: 'modifying',
      UserGroupIds: ['app-users'],
      PendingModifiedValues: { UserGroups: { UserGroupIdsToAdd: ['app-users'], UserGroupIdsToRemove: [] } },
    })
    expect(services.woken).toEqual([groupArn('grown')])
    expect(await describedGroup('app-users')).toMatchObject({
      Status: 'modifying',
      ReplicationGroups: ['born', 'grown'],
    })
    await settled('grown')
    expect(await described('grown')).toMatchObject({ Status: 'available', PendingModifiedValues: {} })
    // The other one was never available: nobody waits for it.
    expect((await describedGroup('app-users')).Status).toBe('active')
  })

  it('lets it go, or changes it for another, and only then is the group free to be deleted', async () => {
    await create('cache', { UserGroupIds: ['app-users'] })
    await settled('cache')
    const deletion = () => services.elasticache.send(new DeleteUserGroupCommand({ UserGroupId: 'app-users' }))
    expect(await refusal(deletion())).toMatchObject({ name: 'InvalidUserGroupStateFault', status: 400 })
    await userGroup('others')
    expect(await refusal(modify('cache', { UserGroupIdsToAdd: ['others'] }))).toMatchObject({
      name: 'InvalidParameterCombinationException',
    })
    expect(await modify('cache', { UserGroupIdsToAdd: ['others'], UserGroupIdsToRemove: ['app-users'] })).toMatchObject(
      {
        UserGroupIds: ['others'],
        PendingModifiedValues: {
          UserGroups: { UserGroupIdsToAdd: ['others'], UserGroupIdsToRemove: ['app-users'] },
        },
      },
    )
    // Nodes accept its users still.
    expect(await refusal(deletion())).toMatchObject({ name: 'InvalidUserGroupStateFault' })
    await settled('cache')
    await deletion()
    expect(await modify('cache', { RemoveUserGroups: true })).toMatchObject({ UserGroupIds: [] })
    await settled('cache')
    expect(await refusal(modify('cache', { UserGroupIdsToRemove: ['others'] }))).toMatchObject({
      name: 'InvalidParameterValueException',
    })
  })

  it('is modified with each of its users, and so are they and the group', async () => {
    await create('cache', { UserGroupIds: ['app-users'] })
    await settled('cache')
    const change = new ModifyUserCommand({ UserId: 'reader', AccessString: 'on ~app:* +@read' })
    expect(await services.elasticache.send(change)).toMatchObject({ Status: 'modifying' })
    expect(services.woken).toEqual([groupArn('cache')])
    expect((await described('cache')).Status).toBe('modifying')
    expect((await describedGroup('app-users')).Status).toBe('modifying')
    expect((await describedUser('writer')).Status).toBe('active')
    expect(await refusal(services.elasticache.send(change))).toMatchObject({ name: 'InvalidUserStateFault' })
    expect(
      await refusal(
        services.elasticache.send(
          new AddTagsToResourceCommand({
            ResourceName: 'arn:aws:elasticache:us-east-1:000000000000:user:reader',
            Tags: [{ Key: 'a', Value: 'b' }],
          }),
        ),
      ),
    ).toEqual({ name: 'UserNotFoundFault', message: 'reader is not available for tagging', status: 404 })
    await settled('cache')
    for (const [answer, status] of [
      [await described('cache'), 'available'],
      [await describedGroup('app-users'), 'active'],
      [await describedUser('reader'), 'active'],
    ] as const)
      expect(answer.Status).toBe(status)
  })

  it('shows whom its users become while they change', async () => {
    await create('cache', { UserGroupIds: ['app-users'] })
    await settled('cache')
    const change = new ModifyUserGroupCommand({
      UserGroupId: 'app-users',
      UserIdsToAdd: ['writer'],
      UserIdsToRemove: ['reader'],
    })
    expect(await services.elasticache.send(change)).toMatchObject({
      Status: 'modifying',
      UserIds: ['default', 'reader'],
      PendingChanges: { UserIdsToAdd: ['writer'], UserIdsToRemove: ['reader'] },
    })
    expect(await refusal(services.elasticache.send(change))).toMatchObject({ name: 'InvalidUserGroupStateFault' })
    await settled('cache')
    const after = await describedGroup('app-users')
    expect(after).toMatchObject({ Status: 'active', UserIds: ['default', 'writer'] })
    expect(after).not.toHaveProperty('PendingChanges')
  })

  it('keeps a deleted user in sight until its nodes refuse him', async () => {
    await create('cache', { UserGroupIds: ['app-users'] })
    await settled('cache')
    expect(await services.elasticache.send(new DeleteUserCommand({ UserId: 'reader' }))).toMatchObject({
      Status: 'deleting',
    })
    expect(services.woken).toEqual([groupArn('cache'), 'arn:aws:elasticache:us-east-1:000000000000:user:reader'])
    expect((await describedUser('reader')).Status).toBe('deleting')
    expect((await described('cache')).Status).toBe('modifying')
    expect(
      await refusal(
        services.elasticache.send(new ModifyUserGroupCommand({ UserGroupId: 'app-users', UserIdsToAdd: ['reader'] })),
      ),
    ).toMatchObject({ name: 'InvalidUserGroupStateFault' })
    await settled('cache')
    expect(
      await refusal(
        services.elasticache.send(new ModifyUserGroupCommand({ UserGroupId: 'app-users', UserIdsToAdd: ['reader'] })),
      ),
    ).toMatchObject({ name: 'UserNotFoundFault' })
  })

  it('is encrypted, has no token, and at most one group, which is there', async () => {
    const refusals: readonly [Partial<CreateReplicationGroupCommandInput>, string, RegExp][] = [
      [
        { TransitEncryptionEnabled: false },
        'InvalidParameterCombinationException',
        /requires encryption-in-transit to be enabled/,
      ],
      [
        { TransitEncryptionMode: 'preferred' },
        'InvalidParameterCombinationException',
        /^Transit encryption preferred is not supported/,
      ],
      [{ AuthToken: 'A-token-of-16-chars' }, 'InvalidParameterCombinationException', /AuthToken or UserGroupIds/],
      [{ UserGroupIds: ['app-users', 'others'] }, 'InvalidParameterValueException', /^Only one user group/],
      [{ UserGroupIds: ['nobody'] }, 'UserGroupNotFoundFault', /^UserGroup nobody not found\.$/],
    ]
    for (const [input, name, message] of refusals) {
      const refused = await refusal(create('cache', { UserGroupIds: ['app-users'], ...input }))
      expect(refused.name).toBe(name)
      expect(refused.message).toMatch(message)
    }
    await user('valkey-user', { Engine: 'valkey' })
    await userGroup('valkey-users', { Engine: 'valkey', UserIds: ['valkey-user'] })
    expect(await refusal(create('cache', { UserGroupIds: ['valkey-users'] }))).toMatchObject({
      name: 'InvalidParameterCombinationException',
    })
    expect(await create('valkey-cache', { Engine: 'valkey', UserGroupIds: ['valkey-users'] })).toMatchObject({
      UserGroupIds: ['valkey-users'],
    })
    expect((await services.elasticache.send(new DescribeReplicationGroupsCommand({}))).ReplicationGroups).toHaveLength(
      1,
    )
  })
})

describe('from a token to a user group and back', () => {
  const token = 'A-token-of-16-chars'

  it('goes by the strategies that AWS names', async () => {
    await create('cache', { AuthToken: token })
    await settled('cache')
    expect(await refusal(modify('cache', { UserGroupIdsToAdd: ['app-users'] }))).toMatchObject({
      name: 'InvalidParameterCombinationException',
      message: "User group can't be associated with auth token enabled. Pass AuthStrategy delete to proceed",
    })
    expect(await refusal(modify('cache', { AuthTokenUpdateStrategy: 'DELETE' }))).toMatchObject({
      message: 'Auth token update strategy delete is not supported currently',
    })
    expect(
      await modify('cache', { UserGroupIdsToAdd: ['app-users'], AuthTokenUpdateStrategy: 'DELETE' }),
    ).toMatchObject({ AuthTokenEnabled: false, UserGroupIds: ['app-users'] })
    expect(await services.store.secrets.get(groupArn('cache'), 'auth-token')).toBeUndefined()
    await settled('cache')
    expect(await refusal(modify('cache', { AuthToken: token }))).toMatchObject({
      name: 'InvalidParameterCombinationException',
      message: "Auth tokens can't be enabled with a user group already associated. Pass RemoveUserGroups to proceed.",
    })
    expect(
      await modify('cache', { AuthToken: token, AuthTokenUpdateStrategy: 'SET', RemoveUserGroups: true }),
    ).toMatchObject({
      AuthTokenEnabled: true,
      UserGroupIds: [],
      PendingModifiedValues: {
        AuthTokenStatus: 'SETTING',
        UserGroups: { UserGroupIdsToAdd: [], UserGroupIdsToRemove: ['app-users'] },
      },
    })
  })
})
