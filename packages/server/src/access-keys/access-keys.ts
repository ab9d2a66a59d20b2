/**
 * The keys that API calls are signed with. Made, listed and revoked here, on the store itself: whoever may read the data
 * directory's seal key is the operator, and a running server looks at the store with every request.
 * Once one key exists, every call must be signed. Revoking the last one would let everybody in again, so that is only
 * done by name (`openDoor`).
 */
import { randomBytes, randomInt } from 'node:crypto'
import {
  type AccessKeyDesired,
  accessKeyArn,
  type AccessKeyRow,
  accessKeyScope,
  accessKeySecret,
  type Policy,
  type Repository,
  type Store,
} from '@hotshelf/domain'

export interface AccessKeyReport {
  readonly accessKeyId: string
  readonly userName: string
  /** ISO 8601. */
  readonly createdAt: string
  /** Absent: everything is allowed. */
  readonly policy?: Policy
}

export interface CreatedAccessKey extends AccessKeyReport {
  /** Told this once, and never again. */
  readonly secretAccessKey: string
}

export interface NewAccessKey {
  readonly userName: string
  readonly policy: Policy | undefined
}

export type Revoked = 'revoked' | 'unknown' | 'the last'

export const accessKeyRows = (store: Store): Repository<AccessKeyDesired> => store.repository('access-key')

export async function createAccessKey(store: Store, account: string, wanted: NewAccessKey): Promise<CreatedAccessKey> {
  const accessKeyId = newId()
  const secretAccessKey = randomBytes(30).toString('base64')
  const arn = accessKeyArn(account, accessKeyId)
  const row = await store.transaction(async inner => {
    // The secret first: a key is never found without one.
    await inner.secrets.put(arn, accessKeySecret, secretAccessKey)
    const scope = accessKeyScope(account)
    return accessKeyRows(inner).insert({ ...scope, arn, name: accessKeyId, desired: wanted, createdAt: new Date() })
  })
  return { ...report(row), secretAccessKey }
}

export async function listAccessKeys(store: Store, account: string): Promise<readonly AccessKeyReport[]> {
  const rows = await accessKeyRows(store).list(accessKeyScope(account))
  return rows.map(report).sort((a, b) => a.createdAt.localeCompare(b.createdAt))
}

/** From the next request on, nothing signed with it is accepted. */
export function revokeAccessKey(
  store: Store,
  account: string,
  { accessKeyId, openDoor }: { readonly accessKeyId: string; readonly openDoor: boolean },
): Promise<Revoked> {
  return store.transaction(async inner => {
    const rows = await accessKeyRows(inner).list(accessKeyScope(account))
    const row = rows.find(({ name }) => name === accessKeyId)
    if (!row) return 'unknown'
    if (rows.length === 1 && !openDoor) return 'the last'
    await accessKeyRows(inner).remove(row.arn)
    return 'revoked'
  })
}

/** Whether calls must be signed. */
export const hasAccessKeys = async (store: Store, account: string): Promise<boolean> =>
  (await accessKeyRows(store).list(accessKeyScope(account), { limit: 1 })).length > 0

const report = ({ name, desired, createdAt }: AccessKeyRow): AccessKeyReport => ({
  accessKeyId: name,
  userName: desired.userName,
  createdAt: createdAt.toISOString(),
  ...(desired.policy && { policy: desired.policy }),
})

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** As IAM's ids of long-term keys look: tools tell them from temporary ones by their first four letters. */
const newId = (): string => `AKIA${Array.from({ length: 16 }, () => letters[randomInt(letters.length)]).join('')}`
