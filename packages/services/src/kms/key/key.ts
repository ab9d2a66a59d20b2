/**
 * Keys by any of the four ways to name one: id, ARN, alias, ARN of an alias. A key whose waiting time is over is gone, with its
 * material, the next time anybody asks for it.
 */
import {
  type Arn,
  fault,
  type Fault,
  type KmsAliasDesired,
  kmsKeyArn,
  type KmsKeyDesired,
  type KmsKeyRow,
  kmsKeyState,
  type Repository,
  type Scope,
  type Store,
} from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'

export const kmsKeys = (store: Store): Repository<KmsKeyDesired> => store.repository<KmsKeyDesired>('kms-key')
export const kmsAliases = (store: Store): Repository<KmsAliasDesired> => store.repository<KmsAliasDesired>('kms-alias')

export const aliasArn = ({ account, region }: Scope, name: string): Arn =>
  `arn:aws:kms:${region}:${account}:${name}` as Arn

type Asker = Pick<Call, 'store' | 'caller' | 'region' | 'now'>

export async function findKey(given: string, call: Asker): Promise<KmsKeyRow | undefined> {
  const { store } = call
  const scope = scopeOf(call)
  const prefix = aliasArn(scope, '')
  const text = given.startsWith(prefix) ? given.slice(prefix.length) : given
  const alias = text.startsWith('alias/') ? (await kmsAliases(store).find(scope, text))?.desired : undefined
  const row = await kmsKeys(store).find(scope, alias?.keyId ?? text.replace(/^key\//, ''))
  if (!row || !isOver(row, call.now())) return row
  await removeKey(row, store)
  return undefined
}

export async function listKeys(call: Asker): Promise<readonly KmsKeyRow[]> {
  const rows = await kmsKeys(call.store).list(scopeOf(call))
  const gone = rows.filter(row => isOver(row, call.now()))
  for (const row of gone) await removeKey(row, call.store)
  return rows.filter(row => !gone.includes(row))
}

export async function requireKey(given: string | undefined, call: Asker): Promise<KmsKeyRow> {
  const row = given === undefined ? undefined : await findKey(given, call)
  if (!row) throw notFound(given ?? '', scopeOf(call))
  return row
}

export function requireUsable({ desired, arn }: KmsKeyRow): void {
  const state = kmsKeyState(desired)
  if (state === 'Disabled') throw fault('DisabledException', `${arn} is disabled.`)
  if (state === 'PendingDeletion') throw pendingDeletion(arn)
}

export const pendingDeletion = (arn: Arn): Fault => fault('KMSInvalidStateException', `${arn} is pending deletion.`)

/** The wordings are AWS's. */
function notFound(given: string, scope: Scope): Fault {
  const name = given.replace(/^arn:[^/]*:(?=alias\/)/, '')
  if (name.startsWith('alias/')) return fault('NotFoundException', `Alias ${aliasArn(scope, name)} is not found.`)
  return fault(
    'NotFoundException',
    `Key '${given.startsWith('arn:') ? given : kmsKeyArn(scope, given)}' does not exist`,
  )
}

const isOver = ({ desired: { deleteAt } }: KmsKeyRow, now: Date): boolean =>
  deleteAt !== undefined && Date.parse(deleteAt) <= now.getTime()

/** Its aliases lead nowhere without it; its material goes with the row. */
const removeKey = (row: KmsKeyRow, store: Store): Promise<void> =>
  store.transaction(async inside => {
    const aliases = await kmsAliases(inside).list(row)
    for (const { arn, desired } of aliases) if (desired.keyId === row.name) await kmsAliases(inside).remove(arn)
    await kmsKeys(inside).remove(row.arn)
  })
