/**
 * Where snapshots are kept, where they are exported to, and what groups may be made from, by the settings: a directory and
 * buckets of this server by default, or an S3 service.
 */
import { realpath } from 'node:fs/promises'
import { createReadStream } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BadData, type Buckets, NoSuchFile, type SnapshotStorage } from '@hotshelf/domain'
import {
  type DirectoryBuckets,
  directoryBuckets,
  directoryStorage,
  s3Buckets,
  type S3Options,
  s3Storage,
} from '@hotshelf/providers'
import type { KnownBuckets } from '@hotshelf/services'
import { CannotStart } from './cannot-start.ts'
import { type Config, flagOf } from './config.ts'

export interface SnapshotPlaces {
  readonly storage: SnapshotStorage
  readonly buckets: Buckets & { exists(bucket: string): Promise<boolean> }
  /** For operations, which look before they accept. */
  readonly known: KnownBuckets
  /** Undefined where another service has the buckets. */
  readonly own: DirectoryBuckets | undefined
  openSeed(uri: string): Promise<AsyncIterable<Uint8Array>>
}

export async function openSnapshotPlaces(config: Config): Promise<SnapshotPlaces> {
  const service = serviceOf(config)
  const own = service ? undefined : await directoryBuckets(join(config.dataDir, 'buckets'))
  const buckets = service ? s3Buckets(service) : own!
  const open = async (bucket: string): Promise<SnapshotStorage> => buckets.open(bucket)
  return {
    storage: await openStorage(config, service),
    buckets,
    own,
    known: {
      exists: bucket => buckets.exists(bucket),
      async firstTaken(bucket, keys) {
        const storage = await open(bucket)
        for (const key of keys) if ((await storage.list(key)).some(file => file.key === key)) return key
        return undefined
      },
    },
    openSeed: uri => openSeed(uri, config.seedFiles, open),
  }
}

function serviceOf({
  s3Endpoint: endpoint,
  s3Region: region,
  s3Encryption: encryption,
}: Config): S3Options | undefined {
  if (endpoint === undefined) return undefined
  return { region, ...(endpoint !== 'aws' && { endpoint }), ...(encryption && { encryption }) }
}

async function openStorage(
  { snapshotStorage: place }: Config,
  service: S3Options | undefined,
): Promise<SnapshotStorage> {
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(place) ?? []
  if (bucket === undefined) return directoryStorage(resolve(place))
  if (!service)
    throw new CannotStart(`${flagOf('snapshotStorage')} ${place} needs ${flagOf('s3Endpoint')}: a URL, or aws.`)
  return s3Storage({ ...service, bucket, prefix })
}

async function openSeed(
  uri: string,
  directory: string | undefined,
  open: (bucket: string) => Promise<SnapshotStorage>,
): Promise<AsyncIterable<Uint8Array>> {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? []
  if (bucket !== undefined && key !== undefined) return (await open(bucket)).get(key)
  if (!URL.canParse(uri) || new URL(uri).protocol !== 'file:') throw new BadData(`${uri} names no file`)
  if (directory === undefined)
    throw new BadData(`files of this machine are not read: start Hotshelf with ${flagOf('seedFiles')} <directory>`)
  const path = await realpath(fileURLToPath(uri)).catch(() => undefined)
  if (path === undefined) throw new NoSuchFile(`${uri} is not there`)
  // After links were followed: none may lead out.
  if (!path.startsWith(`${await realpath(directory)}${sep}`)) throw new BadData(`${uri} is not below ${directory}`)
  return createReadStream(path, { highWaterMark: 1 << 18 })
}
