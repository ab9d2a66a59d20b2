/**
 * A KMS key of this installation: under which keys of snapshots are sealed. Its material is a secret of the store, one for each
 * rotation; what was sealed stays readable with the material of its time.
 */
import type { Arn, Scope } from './arn.ts'
import type { Row } from './resource.ts'

export interface KmsKeyDesired {
  readonly id: string
  readonly description: string
  readonly enabled: boolean
  /** Set while it waits to be deleted; with it go its materials, and all that was sealed with them. */
  readonly deleteAt: string | undefined
  /** Days after which a new material is made by itself; undefined: never. */
  readonly rotationDays: number | undefined
}

export interface KmsAliasDesired {
  /** With `alias/`. */
  readonly name: string
  readonly keyId: string
  readonly updatedAt: string
}

export type KmsKeyRow = Row<KmsKeyDesired>

export const kmsKeyArn = ({ account, region }: Scope, id: string): Arn =>
  `arn:aws:kms:${region}:${account}:key/${id}` as Arn

export function kmsKeyState({ enabled, deleteAt }: KmsKeyDesired): 'Enabled' | 'Disabled' | 'PendingDeletion' {
  if (deleteAt !== undefined) return 'PendingDeletion'
  return enabled ? 'Enabled' : 'Disabled'
}

/** Name of the secret of a key. */
export const keyMaterialSecret = 'material'

export interface KeyMaterial {
  readonly madeAt: string
  readonly by: 'creation' | 'demand' | 'schedule'
  /** 32 bytes, base64. */
  readonly bytes: string
}

/** Oldest first; the last one seals. */
export const materialsOf = (secret: string): readonly KeyMaterial[] => JSON.parse(secret) as readonly KeyMaterial[]

const dayMs = 86_400_000

/** The materials with one more, where the newest is older than the key's rotation allows; otherwise the same. */
export function withFreshMaterial(
  materials: readonly KeyMaterial[],
  { rotationDays }: KmsKeyDesired,
  now: Date,
  makeBytes: () => string,
): readonly KeyMaterial[] {
  const newest = materials.at(-1)
  if (rotationDays === undefined || !newest) return materials
  if (now.getTime() - Date.parse(newest.madeAt) < rotationDays * dayMs) return materials
  return [...materials, { madeAt: now.toISOString(), by: 'schedule', bytes: makeBytes() }]
}
