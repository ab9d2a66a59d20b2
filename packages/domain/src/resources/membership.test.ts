import { describe, expect, it } from 'vitest'
import { parseMembership, renderMembership } from './membership.ts'

const node = (n: number) => ({ host: `c.x.000${n}.use1`, address: `127.0.0.${n}`, port: 11211 })

describe('the list of nodes', () => {
  it('stands in the order of host names, after its version', () => {
    expect(renderMembership({ version: 12, nodes: [node(2), node(1)] })).toBe(
      '12\nc.x.0001.use1|127.0.0.1|11211 c.x.0002.use1|127.0.0.2|11211\n',
    )
  })

  it('is read back, and what is none of ours is not', () => {
    const membership = { version: 3, nodes: [node(1), node(2)] }
    expect(parseMembership(renderMembership(membership))).toEqual(membership)
    expect(parseMembership('1\n\n')).toEqual({ version: 1, nodes: [] })
    for (const text of ['', 'x\n', '1\na|b\n', '1\na|b|c\n']) expect(parseMembership(text)).toBeUndefined()
  })
})
