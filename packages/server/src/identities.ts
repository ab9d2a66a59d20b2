/**
 * Who may call. Without access keys any credentials are accepted, and none at all, as every tool of this field expects
 * of a server on one's own machine. With keys, each request must be signed by one of them.
 */
import type { AccessKey, AuthenticateOptions } from '@hotshelf/wire'

export function identities(keys: readonly AccessKey[] = []): AuthenticateOptions {
  if (keys.length === 0) return {}
  const byId = new Map(keys.map(key => [key.accessKeyId, key]))
  return { keys: id => byId.get(id) }
}
