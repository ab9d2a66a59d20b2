import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bucketDoor, directoryBuckets, s3Storage } from '@hotshelf/providers'
import { openStore } from '@hotshelf/store'
import { describe, expect, it } from 'vitest'
import { createAccessKey } from './access-keys/access-keys.ts'
import { bucketAccess } from './bucket-access.ts'

const account = '000000000000'

describe('buckets of this server', () => {
  it('are open while there are no access keys, then to signed requests as far as a policy goes', async () => {
    const root = mkdtempSync(join(tmpdir(), 'hs-'))
    const store = await openStore({ url: ':memory:', sealKey: randomBytes(32) })
    const buckets = await directoryBuckets(root)
    await buckets.create('mine')
    const log = { info: () => {}, warn: () => {} }
    const door = bucketDoor({ buckets, allow: bucketAccess(store, account), log })
    const server = createServer((message, response) => void door(message, response))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const as = (accessKeyId: string, secretAccessKey: string) =>
      s3Storage({
        endpoint,
        region: 'us-east-1',
        credentials: { accessKeyId, secretAccessKey },
        bucket: 'mine',
        prefix: '',
        attempts: 1,
      })
    async function* some() {
      yield Buffer.from('some bytes')
    }
    try {
      await as('any', 'thing').put('a b/ü.rdb', some())
      const all = await createAccessKey(store, account, { userName: 'all', policy: undefined })
      const statement = { effect: 'Allow' as const, otherActions: false, otherResources: false }
      const policy = {
        statements: [{ ...statement, actions: ['s3:ListBucket', 's3:GetObject'], resources: ['arn:aws:s3:::mine*'] }],
      }
      const reader = await createAccessKey(store, account, { userName: 'reader', policy })
      await expect(as('any', 'thing').put('b', some())).rejects.toThrow('InvalidAccessKeyId')
      await expect(as(all.accessKeyId, 'wrong').put('b', some())).rejects.toThrow('SignatureDoesNotMatch')
      await as(all.accessKeyId, all.secretAccessKey).put('c d/ü.rdb', some())
      const reading = as(reader.accessKeyId, reader.secretAccessKey)
      expect((await reading.list('')).map(file => file.key)).toEqual(['a b/ü.rdb', 'c d/ü.rdb'])
      for await (const chunk of await reading.get('c d/ü.rdb')) expect(Buffer.from(chunk).toString()).toBe('some bytes')
      await expect(reading.put('b', some())).rejects.toThrow('AccessDenied')
      await expect(reading.remove('a b/ü.rdb')).rejects.toThrow('AccessDenied')
    } finally {
      server.closeAllConnections()
      server.close()
      await store.close()
      rmSync(root, { recursive: true, force: true })
    }
  })
})
