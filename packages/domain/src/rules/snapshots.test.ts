import { describe, expect, it } from 'vitest'
import { memoryOfTargets, newestFormat, readsFormat } from './snapshots.ts'

describe('formats', () => {
  it('are read by the release that wrote them and by later ones', () => {
    expect(newestFormat({ kind: 'redis', version: '7.0.15' })).toBe(10)
    expect(newestFormat({ kind: 'valkey', version: '8.0.1' })).toBe(11)
    expect(readsFormat({ kind: 'valkey', version: '8.0.1' }, 10)).toBe(true)
    expect(readsFormat({ kind: 'redis', version: '7.0.15' }, 11)).toBe(false)
    expect(readsFormat({ kind: 'valkey', version: '9.0.0' }, 80)).toBe(true)
  })

  it('of Redis after the fork are not read by Valkey', () => {
    expect(readsFormat({ kind: 'valkey', version: '9.0.0' }, 12)).toBe(false)
    expect(readsFormat({ kind: 'redis', version: '7.4.0' }, 12)).toBe(true)
  })
})

describe('the memory that restored shards need', () => {
  const parts = [
    { slots: '0-8191', usedMemoryBytes: 100 },
    { slots: '8192-16383', usedMemoryBytes: 300 },
  ]
  it('is shared out by slots', () => {
    expect(memoryOfTargets(parts, [undefined])).toEqual([400])
    expect(memoryOfTargets(parts, [[{ from: 0, to: 8191 }], [{ from: 8192, to: 16_383 }]])).toEqual([100, 300])
    expect(memoryOfTargets(parts, [[{ from: 0, to: 12_287 }], [{ from: 12_288, to: 16_383 }]])).toEqual([250, 150])
    expect(memoryOfTargets([{ slots: undefined, usedMemoryBytes: 80 }], [[{ from: 0, to: 4095 }]])).toEqual([20])
  })
})
