import { describe, expect, it } from 'vitest'
import { maxmemoryFor } from '../catalog/parameters/node-type-parameters.ts'
import { nodeType } from '../catalog/node-types.ts'
import { scaleDownObstacle } from './scale-down.ts'

const to = nodeType('cache.t4g.micro')!
const room = maxmemoryFor(to, {})

describe('a smaller node type', () => {
  it('is possible while every node uses no more than it has room for', () => {
    expect(scaleDownObstacle({ to, values: {}, nodes: { a: { usedMemoryBytes: room }, b: {} } })).toBeUndefined()
    expect(scaleDownObstacle({ to, values: {}, nodes: {} })).toBeUndefined()
  })

  it('names the fullest node when the data does not fit', () => {
    const nodes = { a: { usedMemoryBytes: room + 1 }, b: { usedMemoryBytes: room * 2 } }
    expect(scaleDownObstacle({ to, values: {}, nodes })).toMatch(/^b uses \d+ MB, and cache.t4g.micro has room for/)
  })

  it('counts what the parameter group reserves', () => {
    const nodes = { a: { usedMemoryBytes: room - 1 } }
    expect(scaleDownObstacle({ to, values: { 'reserved-memory-percent': '50' }, nodes })).toMatch(/^a uses/)
  })
})
