/** The bucket adapter on the built-in bucket, through the SDK and HTTP; and what it does when a bucket misbehaves. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { NoSuchBucket, Unavailable } from '@hotshelf/domain'
import { describeSnapshotStorage } from '@hotshelf/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bucketDoor } from '../bucket/door.ts'
import { silent } from '../log.ts'
import { directoryBuckets, type DirectoryBuckets } from './directory-buckets.ts'
import { s3Buckets, s3Storage } from './s3.ts'

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }

interface Service {
  readonly endpoint: string
  readonly buckets: DirectoryBuckets
  /** Asked before each request; false ends the connection. */
  before: (url: string, method: string, headers: IncomingHttpHeaders) => boolean | Promise<boolean>
  close(): Promise<void>
}

async function startService(): Promise<Service> {
  const root = mkdtempSync(join(tmpdir(), 'hs-'))
  const buckets = await directoryBuckets(join(root, 'buckets'))
  await buckets.create('mine')
  const door = bucketDoor({ buckets, allow: async () => {}, log: silent })
  const service: Service = {
    endpoint: '',
    buckets,
    before: () => true,
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      rmSync(root, { recursive: true, force: true })
    },
  }
  const server: Server = createServer((message, response) => {
    void (async () => {
      if (!(await service.before(message.url ?? '', message.method ?? '', message.headers))) return message.destroy()
      if (!door(message, response)) response.writeHead(400).end()
    })()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(service, { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

describeSnapshotStorage({
  name: 'a bucket',
  large: 8 << 20,
  newPlace: async () => {
    const service = await startService()
    const place = { endpoint: service.endpoint, region: 'us-east-1', credentials, bucket: 'mine', prefix: 'some/where' }
    return { open: async () => s3Storage(place), dispose: () => service.close() }
  },
})

describe('a bucket', () => {
  let service: Service
  beforeAll(async () => {
    service = await startService()
  })
  afterAll(() => service.close())
  const place = () => ({ endpoint: service.endpoint, region: 'us-east-1', credentials, bucket: 'mine', prefix: '' })
  const content = async function* (bytes: Buffer): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 1 << 18) yield bytes.subarray(at, at + (1 << 18))
  }

  it('that fails now and then is asked again, part by part', async () => {
    const bytes = randomBytes(30 << 20)
    let requests = 0
    service.before = () => ++requests % 3 !== 0
    const storage = s3Storage(place())
    await storage.put('a.rdb', content(bytes))
    const chunks: Uint8Array[] = []
    for await (const chunk of await storage.get('a.rdb')) chunks.push(chunk)
    service.before = () => true
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true)
    expect(await service.buckets.pieces.list('')).toEqual([])
  })

  it('is asked for encryption of its own, for small files and for those in parts', async () => {
    const asked: (readonly unknown[])[] = []
    service.before = (_, method, headers) => {
      const [kind, key] = ['', '-aws-kms-key-id'].map(end => headers[`x-amz-server-side-encryption${end}`])
      if (kind !== undefined) asked.push([method, kind, key])
      return true
    }
    await s3Storage({ ...place(), encryption: 'AES256' }).put('c.rdb', content(randomBytes(100)))
    const keyed = { ...place(), encryption: 'aws:kms', kmsKeyId: 'alias/mine' } as const
    await s3Storage(keyed).put('c.rdb', content(randomBytes(10 << 20)))
    await s3Storage(place()).put('c.rdb', content(randomBytes(100)))
    service.before = () => true
    expect(asked).toEqual([
      ['PUT', 'AES256', undefined],
      ['POST', 'aws:kms', 'alias/mine'],
    ])
  })

  it('that is gone, refuses or does not answer is said so, and nothing is left of the file', async () => {
    const storage = s3Storage({ ...place(), attempts: 2, deadlineMs: 300 })
    service.before = (_, method) => method !== 'PUT'
    await expect(storage.put('b.rdb', content(randomBytes(20 << 20)))).rejects.toBeInstanceOf(Unavailable)
    service.before = async (_, method) => {
      if (method === 'PUT') await new Promise(resolve => setTimeout(resolve, 2000))
      return true
    }
    await expect(storage.put('b.rdb', content(randomBytes(100)))).rejects.toThrow(
      /s3:\/\/mine refused or did not answer/,
    )
    service.before = () => true
    const missing = s3Storage({ ...place(), bucket: 'none-here' })
    await expect(missing.put('b.rdb', content(randomBytes(10)))).rejects.toThrow(/NoSuchBucket/)
    const buckets = s3Buckets({ endpoint: service.endpoint, region: 'us-east-1', credentials })
    expect(await buckets.exists('mine')).toBe(true)
    expect(await buckets.exists('none-here')).toBe(false)
    await expect(buckets.open('none-here')).rejects.toBeInstanceOf(NoSuchBucket)
    // A slow upload may arrive after its deadline, as a whole.
    expect((await storage.list('b.rdb')).every(file => file.bytes === 100)).toBe(true)
  })
})
