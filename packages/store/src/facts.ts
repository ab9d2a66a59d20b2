/** Small facts of the installation itself, by name. */
import type { Facts } from '@hotshelf/domain'
import type { Session } from './session.ts'

export const factsOf = ({ queries }: Session): Facts => ({
  async get(name) {
    const fact = await queries.selectFrom('facts').select('value').where('name', '=', name).executeTakeFirst()
    return fact?.value
  },

  async put(name, value) {
    await queries
      .insertInto('facts')
      .values({ name, value })
      .onConflict(conflict => conflict.column('name').doUpdateSet({ value }))
      .execute()
  },
})
