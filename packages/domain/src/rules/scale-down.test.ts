import { describe, expect, it, test } from 'vitest'
import { nodeType } from '../catalog/node-types.ts'
import type { NodeId } from '../resources/node.ts'
import { fitsIn, requireScaleDownFits } from './scale-down.ts'

const micro = nodeType('cache.t4g.micro')!
const room = Math.floor(micro.maxmemoryBytes * 0.75)

test.each([
  [25, room, true],
  [25, room + 1, false],
  [0, micro.maxmemoryBytes, true],
  [100, 0, true],
  [100, 1, false],
  [{ bytes: micro.maxmemoryBytes - 10 }, 10, true],
  [{ bytes: micro.maxmemoryBytes - 10 }, 11, false],
] as const)('with %j reserved, %d bytes fit: %s', (reserved, used, fits) => {
  expect(fitsIn(micro, reserved, used)).toBe(fits)
})

describe('a change to a smaller type', () => {
  const nodes = (...used: (number | undefined)[]) =>
    Object.fromEntries(
      used.map((usedMemoryBytes, i) => [`g-00${i + 1}`, usedMemoryBytes === undefined ? {} : { usedMemoryBytes }]),
    ) as Record<NodeId, { usedMemoryBytes?: number }>

  it('is fine while the fullest node fits', () => {
    expect(() => requireScaleDownFits(micro, 25, nodes(1, room, 5))).not.toThrow()
  })

  it('names the fullest node that does not', () => {
    expect(() => requireScaleDownFits(micro, 25, nodes(room + 1, room + 2, 5))).toThrow(
      `g-002 uses ${room + 2} bytes, and cache.t4g.micro has room for ${room} beside what is reserved.`,
    )
  })

  it('is refused while a node was not measured', () => {
    expect(() => requireScaleDownFits(micro, 25, nodes(1, undefined))).toThrow(
      /^How much memory g-002 uses is not known/,
    )
  })
})
