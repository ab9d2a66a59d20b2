/**
 * The key that seals one snapshot's files. It is a secret of the store; under a KMS key it is besides encrypted with that
 * key's newest material, so that it cannot be had once the key is disabled or deleted, and every rotation counts from the
 * next snapshot on.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import {
  type Arn,
  Bug,
  keyMaterialSecret,
  type KmsKeyDesired,
  type KmsKeyRow,
  kmsKeyState,
  materialsOf,
  type SnapshotRow,
  type Store,
  Unavailable,
  withFreshMaterial,
} from '@hotshelf/domain'

const secretName = 'data-key'
const [nonceBytes, tagBytes] = [12, 16]

/** Made when the first part is sealed; gone with the snapshot's row. */
export async function dataKey(
  store: Store,
  { arn, desired: { kmsKeyId } }: Pick<SnapshotRow, 'arn' | 'desired'>,
  now: Date,
): Promise<Buffer> {
  return store.transaction(async inside => {
    const known = await inside.secrets.get(arn, secretName)
    if (known !== undefined) return unwrapped(inside, known, now)
    const fresh = randomBytes(32)
    const text = kmsKeyId?.startsWith('arn:') ? await wrapped(inside, kmsKeyId as Arn, fresh, now) : plain(fresh)
    await inside.secrets.put(arn, secretName, text)
    return fresh
  })
}

/** Of a snapshot that is there. */
export async function sealedWith(store: Store, snapshot: Arn, now: Date): Promise<Buffer> {
  const known = await store.secrets.get(snapshot, secretName)
  if (known === undefined) throw new Bug(`the key of ${snapshot} is not in the store`)
  return unwrapped(store, known, now)
}

const plain = (key: Buffer): string => key.toString('base64')

async function wrapped(store: Store, arn: Arn, key: Buffer, now: Date): Promise<string> {
  const row = await usable(store, arn, now)
  const secret = await materialSecret(store, row)
  const before = materialsOf(secret)
  const materials = withFreshMaterial(before, row.desired, now, () => randomBytes(32).toString('base64'))
  if (materials !== before) await store.secrets.put(arn, keyMaterialSecret, JSON.stringify(materials))
  const version = materials.length - 1
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(materials[version]!.bytes, 'base64'), nonce)
  const body = Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()])
  return `${arn} ${version} ${body.toString('base64')}`
}

async function unwrapped(store: Store, text: string, now: Date): Promise<Buffer> {
  const [arn = '', version = '', body = ''] = text.split(' ')
  if (!arn.startsWith('arn:')) return Buffer.from(text, 'base64')
  const row = await usable(store, arn as Arn, now)
  const material = materialsOf(await materialSecret(store, row))[Number(version)]
  if (!material) throw new Bug(`${arn} has no material ${version}`)
  const bytes = Buffer.from(body, 'base64')
  const nonce = bytes.subarray(0, nonceBytes)
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(material.bytes, 'base64'), nonce)
  decipher.setAuthTag(bytes.subarray(-tagBytes))
  return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()])
}

async function usable(store: Store, arn: Arn, now: Date): Promise<KmsKeyRow> {
  const row = await store.repository<KmsKeyDesired>('kms-key').get(arn)
  const { deleteAt } = row?.desired ?? {}
  if (!row || (deleteAt !== undefined && Date.parse(deleteAt) <= now.getTime()))
    throw new Unavailable(`KMS key ${arn} is deleted`)
  const state = kmsKeyState(row.desired)
  if (state === 'Enabled') return row
  throw new Unavailable(`KMS key ${arn} is ${state === 'Disabled' ? 'disabled' : 'pending deletion'}`)
}

async function materialSecret(store: Store, { arn }: KmsKeyRow): Promise<string> {
  const secret = await store.secrets.get(arn, keyMaterialSecret)
  if (secret === undefined) throw new Bug(`the material of ${arn} is not in the store`)
  return secret
}
