// Forgetting by pattern. SCAN walks every primary in pages, so the server is never blocked the way KEYS blocks it; each
// page is unlinked (memory is freed in the background) in one pipeline. Leases are walked too: a load under way when the
// pattern was forgotten must not store what it read before.
import { list, text } from '../client/reply.ts'
import type { ClientNode } from '../client/port.ts'
import type { Core } from './core.ts'

const PAGE = '500'

export async function invalidatePattern(
  core: Core,
  pattern: string,
  forget: (entries: readonly string[]) => void,
): Promise<number> {
  const patterns = core.keys.patternsOf(pattern)
  const nodes = await core.connection.primaries()
  const counts = await Promise.all(nodes.map(node => forgetOn(core, node, { patterns, forget })))
  return counts.reduce((sum, count) => sum + count, 0)
}

interface Walk {
  readonly patterns: readonly string[]
  readonly forget: (entries: readonly string[]) => void
}

async function forgetOn(core: Core, node: ClientNode, { patterns, forget }: Walk): Promise<number> {
  let forgotten = 0
  for (const pattern of patterns) {
    let cursor = '0'
    do {
      const [next, page] = list(await node.send(['SCAN', cursor, 'MATCH', pattern, 'COUNT', PAGE]))
      const names = list(page).map(text)
      forgotten += await unlink(core, names)
      forget(names)
      core.coherence?.announce(names)
      cursor = text(next)
    } while (cursor !== '0')
  }
  return forgotten
}

/** How many entries were among them; leases are not counted. */
async function unlink(core: Core, names: readonly string[]): Promise<number> {
  const replies = await core.connection.pipeline(names.map(key => ({ args: ['UNLINK', key], key })))
  const failed = replies.find(reply => reply instanceof Error)
  if (failed) throw failed
  return names.filter((name, i) => replies[i] === 1 && !name.endsWith(':lease')).length
}
