import { describe, expect, it } from 'vitest'
import { align, bytes, table, tree } from './output.ts'

describe('output for people', () => {
  it('draws a tree with lines that lead to the last branch and no further', () => {
    const drawn = tree({
      label: 'orders',
      below: [
        { label: 'shard 0001', below: [{ label: 'primary' }, { label: 'replica' }] },
        { label: 'shard 0002', below: [{ label: 'primary' }] },
      ],
    })
    expect(drawn).toBe(
      ['orders', '├─ shard 0001', '│  ├─ primary', '│  └─ replica', '└─ shard 0002', '   └─ primary'].join('\n'),
    )
  })

  it('sets tables in columns without lines', () => {
    expect(
      table(
        ['group', 'next'],
        [
          ['orders', 'nothing'],
          ['a', 'start'],
        ],
      ),
    ).toBe(['group   next', 'orders  nothing', 'a       start'].join('\n'))
  })

  it('aligns by what is seen, not by the colour codes', () => {
    expect(
      align([
        ['\u001b[32mok\u001b[39m', 'x'],
        ['problem', 'y'],
      ]),
    ).toEqual(['\u001b[32mok\u001b[39m       x', 'problem  y'])
    expect(align([])).toEqual([])
  })

  it('writes memory in powers of two', () => {
    expect([0, 1023, 1536, 13_270_728, 10 * 1024 ** 3].map(bytes)).toEqual([
      '0 B',
      '1023 B',
      '1.5 KiB',
      '13 MiB',
      '10 GiB',
    ])
  })
})
