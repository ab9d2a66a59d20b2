/**
 * Keeps files under keys: `snapshots/000000000000/us-east-1/mine/k3f/0001.rdb`. A file is there whole or not at all, whatever
 * is killed meanwhile; putting one again replaces it. Knows nothing of snapshots, engines or secrets.
 * Every method throws Unavailable, with words for people, where the place refuses, is full or does not answer.
 */
export interface StoredFile {
  readonly key: string
  readonly bytes: number
}

export interface SnapshotStorage {
  /** Where it is, for people: a directory, `s3://bucket/prefix`. */
  readonly where: string
  /** Nothing is there afterwards when `content` throws, or `signal` is aborted. Resolves with the number of bytes. */
  put(key: string, content: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<number>
  /** Throws NoSuchFile. */
  get(key: string): Promise<AsyncIterable<Uint8Array>>
  /** Every file whose key begins with `prefix`, by key. */
  list(prefix: string): Promise<readonly StoredFile[]>
  /** Gone already is a success. */
  remove(key: string): Promise<void>
}

export class NoSuchFile extends Error {
  override readonly name = 'NoSuchFile'
}

/** Customers' own buckets, for exports and seeds. */
export interface Buckets {
  /** Throws NoSuchBucket where there is none of this name, or it is not ours to use. */
  open(bucket: string): Promise<SnapshotStorage>
}

export class NoSuchBucket extends Error {
  override readonly name = 'NoSuchBucket'
}
