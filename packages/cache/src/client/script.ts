// A Lua script and its SHA1. Scripts are sent by hash; a node that does not know one answers NOSCRIPT and is sent the
// text once, which also teaches it. Sources live beside the feature they serve, in files named `scripts.ts`.
import { createHash } from 'node:crypto'

export interface Script {
  readonly source: string
  readonly sha: string
}

export function script(source: string): Script {
  const text = source.trim()
  return { source: text, sha: createHash('sha1').update(text).digest('hex') }
}
