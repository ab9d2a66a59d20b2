import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  DisableKeyRotationCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  KMSClient,
  ListAliasesCommand,
  ListKeyRotationsCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms'
import { CreateReplicationGroupCommand } from '@aws-sdk/client-elasticache'
import { type Arn, keyMaterialSecret, materialsOf } from '@hotshelf/domain'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type InProcess, refusal, startInProcess } from '../../tests/in-process.ts'

let services: InProcess
let kms: KMSClient
let arn: string
let id: string
beforeEach(async () => {
  services = await startInProcess()
  services.now = new Date('2026-01-01T00:00:00Z')
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  kms = new KMSClient({ endpoint: services.url, region: 'us-east-1', credentials, maxAttempts: 1 })
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: 'of the cache' }))
  ;[arn, id] = [KeyMetadata!.Arn!, KeyMetadata!.KeyId!]
})
afterEach(async () => {
  kms.destroy()
  await services.close()
})

const days = (count: number) => (services.now = new Date(Date.parse('2026-01-01T00:00:00Z') + count * 86_400_000))
const materials = async () => materialsOf((await services.store.secrets.get(arn as Arn, keyMaterialSecret)) ?? '[]')
const stateOf = async (KeyId = id) => (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata!.KeyState

describe('a key', () => {
  it('is told as KMS tells a symmetric one, by id, ARN, alias and ARN of an alias', async () => {
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/cache', TargetKeyId: id }))
    const names = [id, arn, 'alias/cache', arn.replace(/key\/.*/, 'alias/cache')]
    for (const KeyId of names) {
      expect((await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata).toMatchObject({
        Arn: arn,
        Description: 'of the cache',
        Enabled: true,
        KeyState: 'Enabled',
        KeyUsage: 'ENCRYPT_DECRYPT',
        KeySpec: 'SYMMETRIC_DEFAULT',
        CreationDate: new Date('2026-01-01T00:00:00Z'),
      })
    }
    expect(arn).toBe(`arn:aws:kms:us-east-1:000000000000:key/${id}`)
    expect(await kms.send(new ListKeysCommand({}))).toMatchObject({
      Keys: [{ KeyId: id, KeyArn: arn }],
      Truncated: false,
    })
    const { Policy } = await kms.send(new GetKeyPolicyCommand({ KeyId: id }))
    expect(JSON.parse(Policy!).Statement[0].Action).toBe('kms:*')
  })

  it('that is not there is refused in the words of KMS', async () => {
    const ask = (KeyId: string) => refusal(kms.send(new DescribeKeyCommand({ KeyId })))
    expect(await ask('nothing')).toMatchObject({
      name: 'NotFoundException',
      message: "Key 'arn:aws:kms:us-east-1:000000000000:key/nothing' does not exist",
    })
    expect(await ask('alias/nothing')).toMatchObject({
      message: 'Alias arn:aws:kms:us-east-1:000000000000:alias/nothing is not found.',
    })
    const other = arn.replace('us-east-1', 'eu-west-1')
    expect(await ask(other)).toMatchObject({ message: `Key '${other}' does not exist` })
  })

  it('is switched off and on, and deleted after its time', async () => {
    await kms.send(new DisableKeyCommand({ KeyId: id }))
    expect(await stateOf()).toBe('Disabled')
    expect(await refusal(kms.send(new RotateKeyOnDemandCommand({ KeyId: id })))).toMatchObject({
      name: 'DisabledException',
    })
    await kms.send(new EnableKeyCommand({ KeyId: id }))
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/cache', TargetKeyId: id }))
    const schedule = (PendingWindowInDays: number) =>
      kms.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays }))
    expect((await refusal(schedule(6))).name).toBe('ValidationException')
    expect(await schedule(7)).toMatchObject({
      KeyState: 'PendingDeletion',
      DeletionDate: new Date('2026-01-08T00:00:00Z'),
    })
    expect((await refusal(kms.send(new EnableKeyCommand({ KeyId: id })))).name).toBe('KMSInvalidStateException')
    await kms.send(new CancelKeyDeletionCommand({ KeyId: id }))
    expect(await stateOf()).toBe('Disabled')
    await schedule(7)
    days(6.9)
    expect(await stateOf()).toBe('PendingDeletion')
    days(7)
    expect((await refusal(stateOf())).name).toBe('NotFoundException')
    expect(await services.store.secrets.get(arn as Arn, keyMaterialSecret)).toBeUndefined()
    expect((await kms.send(new ListAliasesCommand({}))).Aliases).toEqual([])
    expect((await kms.send(new ListKeysCommand({}))).Keys).toEqual([])
  })

  it('gets new material on demand, and keeps the old', async () => {
    const before = await materials()
    days(1)
    await kms.send(new RotateKeyOnDemandCommand({ KeyId: id }))
    const after = await materials()
    expect(after).toHaveLength(2)
    expect(after[0]).toEqual(before[0])
    expect(after[1]!.bytes).not.toBe(after[0]!.bytes)
    expect((await kms.send(new ListKeyRotationsCommand({ KeyId: id }))).Rotations).toEqual([
      { KeyId: arn, RotationDate: new Date('2026-01-02T00:00:00Z'), RotationType: 'ON_DEMAND' },
    ])
    const status = () => kms.send(new GetKeyRotationStatusCommand({ KeyId: id }))
    expect(await status()).toMatchObject({ KeyRotationEnabled: false })
    await kms.send(new EnableKeyRotationCommand({ KeyId: id, RotationPeriodInDays: 90 }))
    expect(await status()).toMatchObject({
      RotationPeriodInDays: 90,
      NextRotationDate: new Date('2026-04-02T00:00:00Z'),
    })
    await kms.send(new DisableKeyRotationCommand({ KeyId: id }))
    expect(await status()).toMatchObject({ KeyRotationEnabled: false })
  })

  it('has aliases that move, and tags', async () => {
    const { KeyMetadata: other } = await kms.send(new CreateKeyCommand({ Tags: [{ TagKey: 'a', TagValue: '1' }] }))
    const alias = { AliasName: 'alias/cache', TargetKeyId: id }
    await kms.send(new CreateAliasCommand(alias))
    expect((await refusal(kms.send(new CreateAliasCommand(alias)))).name).toBe('AlreadyExistsException')
    expect((await refusal(kms.send(new CreateAliasCommand({ ...alias, AliasName: 'cache' })))).name).toBe(
      'InvalidAliasNameException',
    )
    await kms.send(new UpdateAliasCommand({ ...alias, TargetKeyId: other!.Arn! }))
    expect((await kms.send(new ListAliasesCommand({ KeyId: other!.KeyId! }))).Aliases).toMatchObject([
      { AliasName: 'alias/cache', TargetKeyId: other!.KeyId },
    ])
    await kms.send(new DeleteAliasCommand({ AliasName: 'alias/cache' }))
    expect((await refusal(kms.send(new DeleteAliasCommand({ AliasName: 'alias/cache' })))).name).toBe(
      'NotFoundException',
    )
    const tags = async () => (await kms.send(new ListResourceTagsCommand({ KeyId: other!.KeyId! }))).Tags
    await kms.send(new TagResourceCommand({ KeyId: other!.KeyId!, Tags: [{ TagKey: 'b', TagValue: '2' }] }))
    await kms.send(new UntagResourceCommand({ KeyId: other!.KeyId!, TagKeys: ['a'] }))
    expect(await tags()).toEqual([{ TagKey: 'b', TagValue: '2' }])
  })

  it('of a group must be there and enabled, and is told as its ARN', async () => {
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/cache', TargetKeyId: id }))
    const create = (ReplicationGroupId: string, KmsKeyId: string) =>
      services.elasticache.send(
        new CreateReplicationGroupCommand({
          ReplicationGroupId,
          ReplicationGroupDescription: '',
          Engine: 'valkey',
          CacheNodeType: 'cache.t4g.micro',
          KmsKeyId,
        }),
      )
    expect((await create('a', 'alias/cache')).ReplicationGroup).toMatchObject({
      KmsKeyId: arn,
      StorageEncryptionType: 'sse-kms',
    })
    const unknown = {
      name: 'InvalidParameterValueException',
      message: 'KMS key does not exist with key id: alias/none',
    }
    expect(await refusal(create('b', 'alias/none'))).toMatchObject(unknown)
    await kms.send(new DisableKeyCommand({ KeyId: id }))
    expect(await refusal(create('b', id))).toMatchObject({ message: `KMS key does not exist with key id: ${id}` })
  })
})
