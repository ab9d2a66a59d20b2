import type { EngineView, NodeId } from '@hotshelf/domain'
import { describe, expect, it } from 'vitest'
import type { GroupContext } from '../context.ts'
import type { GroupLook } from '../observe.ts'
import { waitForRoom } from './memory.ts'

const context = {
  desired: { nodeType: 'cache.t4g.micro', shards: [{ nodes: [{ id: 'g-001' }] }] },
  maxmemoryBytes: 100,
} as unknown as GroupContext

function look(maxmemory: number, usedMemoryBytes: number): GroupLook {
  const view = {
    loading: false,
    usedMemoryBytes,
    directives: { maxmemory: String(maxmemory) },
  } as unknown as EngineView
  return { nodes: new Map([['g-001' as NodeId, { node: 'g-001', view }]]) } as unknown as GroupLook
}

describe('a smaller node type', () => {
  it('waits while a node holds more than would be left to it, and says which', () => {
    expect(waitForRoom(context, look(200, 101))).toMatchObject({
      do: 'wait',
      why: expect.stringMatching(/^g-001 uses/),
    })
  })

  it('does not wait once the data fits, for a larger type, or for a node that is full as it is', () => {
    expect(waitForRoom(context, look(200, 100))).toBeUndefined()
    expect(waitForRoom(context, look(50, 101))).toBeUndefined()
    expect(waitForRoom(context, look(100, 101))).toBeUndefined()
  })
})
