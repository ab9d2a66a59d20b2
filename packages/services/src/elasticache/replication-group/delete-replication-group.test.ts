import {
  AddTagsToResourceCommand,
  CreateReplicationGroupCommand,
  DeleteReplicationGroupCommand,
  type DeleteReplicationGroupCommandInput,
  DescribeReplicationGroupsCommand,
} from '@aws-sdk/client-elasticache'
import type { Arn } from '@hotshelf/domain'
import { settle } from '@hotshelf/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { groupArn, type InProcess, refusal, startInProcess } from '../../../tests/in-process.ts'

let services: InProcess
beforeEach(async () => {
  services = await startInProcess()
  await services.elasticache.send(
    new CreateReplicationGroupCommand({
      ReplicationGroupId: 'group',
      ReplicationGroupDescription: '',
      CacheNodeType: 'cache.t4g.micro',
    }),
  )
  services.woken.length = 0
})
afterEach(() => services.close())

const remove = async (input: Partial<DeleteReplicationGroupCommandInput> = {}) => {
  const command = new DeleteReplicationGroupCommand({ ReplicationGroupId: 'Group', ...input })
  return (await services.elasticache.send(command)).ReplicationGroup!
}

describe('deleting a group', () => {
  it('goes straight to `deleting`, whatever its state, and wakes control', async () => {
    expect(await remove()).toMatchObject({ ReplicationGroupId: 'group', Status: 'deleting' })
    expect(services.woken).toEqual([groupArn('group')])
    const row = await services.store.replicationGroups.get(groupArn('group'))
    expect(row?.deleteRequestedAt).toBeDefined()
    await settle(services.store, groupArn('group'))
    const { ReplicationGroups } = await services.elasticache.send(new DescribeReplicationGroupsCommand({}))
    expect(ReplicationGroups).toMatchObject([{ Status: 'deleting', NodeGroups: [{ Status: 'deleting' }] }])
  })

  it('refuses a second time, and a group that does not exist', async () => {
    await remove()
    expect(await refusal(remove())).toEqual({
      name: 'InvalidReplicationGroupStateFault',
      message: 'Replication group group has status deleting which is not valid for deletion.',
      status: 400,
    })
    expect(await refusal(remove({ ReplicationGroupId: 'missing' }))).toMatchObject({
      name: 'ReplicationGroupNotFoundFault',
      status: 404,
    })
  })

  it('refuses what it cannot keep, and then deletes nothing', async () => {
    expect(await refusal(remove({ RetainPrimaryCluster: true }))).toMatchObject({
      message: expect.stringContaining('is not built in Hotshelf yet.'),
    })
    expect((await services.store.replicationGroups.get(groupArn('group')))?.deleteRequestedAt).toBeUndefined()
  })

  it("forgets the members' tags: a later group of the name begins without", async () => {
    const member = 'arn:aws:elasticache:us-east-1:000000000000:cluster:group-001'
    await services.elasticache.send(
      new AddTagsToResourceCommand({ ResourceName: member, Tags: [{ Key: 'a', Value: '1' }] }),
    )
    await remove()
    expect(await services.store.tags.of(member as Arn)).toEqual([])
  })
})
