import { Bug } from '@hotshelf/domain'
import { expect, it } from 'vitest'
import { pickEngine } from './pick.ts'

it('one adapter speaks to Valkey and Redis, none to an engine that is not known', async () => {
  for (const kind of ['valkey', 'redis'] as const) await pickEngine({ kind }).close()
  expect(() => pickEngine({ kind: 'memcached' })).toThrow(Bug)
})
