// A smaller node type: memory is not taken away under data that would not fit what is left.
import { allNodes } from '@hotshelf/domain'
import type { GroupContext } from '../context.ts'
import type { GroupLook } from '../observe.ts'
import type { GroupStep } from '../steps.ts'
import { answering } from '../view.ts'

/** It fitted when it was asked for; data may have grown since. An engine would evict, or refuse every write. */
export function waitForRoom(context: GroupContext, look: GroupLook): GroupStep | undefined {
  const full = allNodes(context.desired)
    .map(node => answering(look, node.id))
    .filter(node => node !== undefined)
    .find(({ view }) => {
      const present = Number(view.directives['maxmemory'] ?? 0)
      return present > context.maxmemoryBytes && view.usedMemoryBytes > context.maxmemoryBytes
    })
  if (!full) return undefined
  const used = megabytes(full.view.usedMemoryBytes)
  const room = megabytes(context.maxmemoryBytes)
  const why = `${full.node} uses ${used} MB, and ${context.desired.nodeType} has room for ${room} MB; remove data, or choose a larger type`
  return { do: 'wait', retryInMs: 2000, why }
}

const megabytes = (bytes: number): number => Math.ceil(bytes / (1024 * 1024))
