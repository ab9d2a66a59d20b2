/**
 * Secrets, sealed with the installation's key and bound to the resource and name they belong to.
 * A canary sealed at the first open tells a wrong key at once, long before somebody's token fails to open.
 */
import { type Arn, Bug, type Secrets } from '@hotshelf/domain'
import type { Database } from './database.ts'
import { StoreUnusable } from './errors.ts'
import { seal, unseal } from './sealed.ts'
import { only, type Session } from './session.ts'

const canary = { fact: 'seal-canary', plain: 'hotshelf' }

export const secretsOf = ({ queries }: Session, key: Uint8Array): Secrets => ({
  async put(arn, name, secret) {
    const sealed = seal(key, secret, owner(arn, name))
    await queries
      .insertInto('secrets')
      .values({ arn, name, sealed })
      .onConflict(conflict => conflict.columns(['arn', 'name']).doUpdateSet({ sealed }))
      .execute()
  },

  async get(arn, name) {
    const found = await queries
      .selectFrom('secrets')
      .select('sealed')
      .where('arn', '=', arn)
      .where('name', '=', name)
      .executeTakeFirst()
    if (!found) return undefined
    const plain = unseal(key, new Uint8Array(found.sealed), owner(arn, name))
    // The canary opened, so the key is right: these bytes are not what was written here.
    if (plain === undefined) throw new Bug(`The sealed ${name} of ${arn} was changed outside Hotshelf; set it again.`)
    return plain
  },

  async remove(arn, name) {
    await queries.deleteFrom('secrets').where('arn', '=', arn).where('name', '=', name).execute()
  },
})

/** No NUL can stand in an ARN or a name that a database keeps, so two owners never read the same. */
const owner = (arn: Arn, name: string): string => `${arn}\0${name}`

/** The first server on a database leaves the canary; every later one must be able to open it. */
export async function checkSealKey({ queries, shown }: Database, key: Uint8Array): Promise<void> {
  if (key.length !== 32) throw new StoreUnusable(`A seal key is 32 bytes long; this one has ${key.length}.`)
  const value = Buffer.from(seal(key, canary.plain, canary.fact)).toString('base64')
  await queries
    .insertInto('facts')
    .values({ name: canary.fact, value })
    .onConflict(conflict => conflict.doNothing())
    .execute()
  const facts = await queries.selectFrom('facts').select('value').where('name', '=', canary.fact).execute()
  if (unseal(key, Buffer.from(only(facts).value, 'base64'), canary.fact) === canary.plain) return
  throw new StoreUnusable(
    `The secrets in ${shown} were sealed with another key. Start with the key file this store was made with, or name an empty store.`,
  )
}
