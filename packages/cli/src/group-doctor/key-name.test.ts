import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { latencyEvents, parseInfo, slowCommands } from './info.ts'
import { hasPrefix, patternOf, printable, shellWord } from './key-name.ts'
import { mostInOnePipeline, pauseAfter, sampleOfAShard } from './pace.ts'
import { looksLike } from './sample-keys.ts'

describe('a pattern', () => {
  it.each([
    ['user:17:cart', 'user:*:cart'],
    ['user:{17}:cart', 'user:{*}:cart'],
    ['session/6f1c2a', 'session/*'],
    ['counter12', 'counter*'],
    ['config', 'config'],
    ['a:1:2:3', 'a:*:*:*'],
    ['report:yearly', 'report:yearly'],
    ['token:abcdefghijklmnopqrstuvwxyz', 'token:*'],
  ])('of %s is %s', (key, pattern) => expect(patternOf(key)).toBe(pattern))

  it('knows a prefix', () =>
    expect([hasPrefix('user:1'), hasPrefix(':1'), hasPrefix('user')]).toEqual([true, false, false]))
})

describe('a key as a word of a shell', () => {
  it.each([['plain'], ["it's $HOME `x`"], ['-n'], ['back\\slash'], ['日本'], ['line\nbreak'], ['\u0001\u00ff']])(
    '%j survives bash',
    text => {
      for (const raw of [Buffer.from(text), Buffer.from(text, 'latin1')]) {
        const word = shellWord(printable(raw))
        expect(execFileSync('bash', ['-c', `printf '%s' ${word}`])).toEqual(raw)
      }
    },
  )
})

describe('the pace', () => {
  it('asks a node half of its time, a slower one a fifth, and never sleeps long', () => {
    expect(pauseAfter(2, 1)).toBe(2)
    expect(pauseAfter(20, 1)).toBe(80)
    expect(pauseAfter(5000, 1)).toBe(250)
    expect(pauseAfter(0.1, 0.1)).toBe(1)
    expect(mostInOnePipeline).toBeLessThanOrEqual(100)
  })

  it('looks at fewer keys of each shard when there are many', () => {
    expect([1, 20, 100, 500].map(sampleOfAShard)).toEqual([10_000, 10_000, 2000, 500])
  })
})

describe('answers', () => {
  it('of INFO keep colons in values', () => {
    expect(parseInfo('# Server\r\nexecutable:/a:b\r\n\r\nx:1\r\n')).toEqual(
      new Map([
        ['executable', '/a:b'],
        ['x', '1'],
      ]),
    )
  })

  it('of the slow log keep no more than a name and a first argument', () => {
    const entry = [
      1,
      1_700_000_000,
      12_000,
      [Buffer.from('set'), Buffer.from('k'), Buffer.from('secret')],
      Buffer.from('a'),
      Buffer.from(''),
    ]
    expect(slowCommands([entry])).toEqual([{ at: new Date(1_700_000_000_000), micros: 12_000, command: 'SET k' }])
    const control = [2, 1_700_000_000, 90_000, [Buffer.from('CLUSTER'), Buffer.from('FAILOVER')], Buffer.from('/n/s:0')]
    expect(slowCommands([control])).toEqual([])
    expect(slowCommands({ refused: 'NOPERM' })).toBeUndefined()
    expect(latencyEvents([[Buffer.from('command'), 1, 20, 30]])).toEqual([
      { event: 'command', latestMs: 20, worstMs: 30 },
    ])
  })

  it.each([
    ['{"a":1}', 'json'],
    ['  [1]', 'json'],
    ['plain', 'other'],
    ['\u001f\u008b', 'packed'],
  ])('%j looks %s', (text, looks) => expect(looksLike(Buffer.from(text, 'latin1'))).toBe(looks))
})
