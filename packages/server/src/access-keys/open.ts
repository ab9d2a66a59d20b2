/**
 * Access keys for a command on the operator's machine: opens the store that the settings name, beside a server that may
 * be running on it, and closes it again.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readPolicy } from '@hotshelf/domain'
import { loadSealKey, openStore } from '@hotshelf/store'
import { asCannotStart, CannotStart } from '../cannot-start.ts'
import { type ConfigSources, readConfig } from '../read-config.ts'
import {
  type AccessKeyReport,
  createAccessKey,
  type CreatedAccessKey,
  listAccessKeys,
  type Revoked,
  revokeAccessKey,
} from './access-keys.ts'

export type { AccessKeyReport, CreatedAccessKey, Revoked } from './access-keys.ts'
export { CannotStart } from '../cannot-start.ts'

export interface AccessKeys {
  /** Where they are kept, for people. */
  readonly dataDir: string
  /** `policy` is JSON in IAM's shape; undefined allows everything. Throws CannotStart for a policy or name that is none. */
  create(wanted: { readonly userName: string; readonly policy: string | undefined }): Promise<CreatedAccessKey>
  /** Oldest first. */
  list(): Promise<readonly AccessKeyReport[]>
  /** `openDoor`: also the last one, after which calls need no signature. */
  revoke(accessKeyId: string, openDoor: boolean): Promise<Revoked>
  close(): Promise<void>
}

/** Throws CannotStart when the store cannot be opened, or `mustExist` and there is none yet. */
export async function openAccessKeys(sources: ConfigSources, mustExist: boolean): Promise<AccessKeys> {
  const { config } = readConfig(sources)
  const { dataDir, accountId } = config
  const sealKeyPath = join(dataDir, 'seal.key')
  if (mustExist && !existsSync(sealKeyPath)) {
    throw new CannotStart(`There is no Hotshelf in ${dataDir}. Name its directory with --data-dir.`)
  }
  const store = await open(config.store, sealKeyPath).catch(asCannotStart)
  return {
    dataDir,
    create: ({ userName, policy }) =>
      createAccessKey(store, accountId, { userName: checkedName(userName), policy: checkedPolicy(policy) }),
    list: () => listAccessKeys(store, accountId),
    revoke: (accessKeyId, openDoor) => revokeAccessKey(store, accountId, { accessKeyId, openDoor }),
    close: () => store.close(),
  }
}

const open = async (url: string, sealKeyPath: string) => openStore({ url, sealKey: loadSealKey(sealKeyPath) })

/** IAM's own rule for the names of users. */
function checkedName(name: string): string {
  if (/^[\w+=,.@-]{1,64}$/.test(name)) return name
  throw new CannotStart(`A user's name has 1 to 64 letters, digits or any of _+=,.@-, which "${name}" has not.`)
}

function checkedPolicy(text: string | undefined) {
  if (text === undefined) return undefined
  const read = readPolicy(text)
  if ('problem' in read) throw new CannotStart(read.problem)
  return read.policy
}
