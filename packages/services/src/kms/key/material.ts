/** Materials of a key: made with it, and by each rotation. None is ever taken away before the key itself. */
import { randomBytes } from 'node:crypto'
import { type Arn, Bug, type KeyMaterial, keyMaterialSecret, materialsOf, type Store } from '@hotshelf/domain'

export async function addMaterial(store: Store, key: Arn, by: KeyMaterial['by'], now: Date): Promise<void> {
  await store.transaction(async inside => {
    const before = await inside.secrets.get(key, keyMaterialSecret)
    const fresh: KeyMaterial = { madeAt: now.toISOString(), by, bytes: randomBytes(32).toString('base64') }
    const materials = [...(before === undefined ? [] : materialsOf(before)), fresh]
    await inside.secrets.put(key, keyMaterialSecret, JSON.stringify(materials))
  })
}

/** Without the bytes: nobody outside of sealing needs them. */
export async function rotationsOf(store: Store, key: Arn): Promise<readonly Omit<KeyMaterial, 'bytes'>[]> {
  const secret = await store.secrets.get(key, keyMaterialSecret)
  if (secret === undefined) throw new Bug(`the material of ${key} is not in the store`)
  return materialsOf(secret).map(({ madeAt, by }) => ({ madeAt, by }))
}
