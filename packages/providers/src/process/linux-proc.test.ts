import { expect, test } from 'vitest'
import { parseStat, stateOf } from './linux-proc.ts'

const line = (wish: { name?: string; state?: string; flags?: number; threads?: number } = {}): string => {
  const { name = 'valkey-server', state = 'S', flags = 4_194_560, threads = 5 } = wish
  return `4711 (${name}) ${state} 1 4711 4711 0 -1 ${flags} 1200 0 0 0 4 2 0 0 20 0 ${threads} 0 987654 123 456`
}

test('reads what tells a node from its children and from later holders of its pid', () => {
  expect(parseStat(line())).toEqual({
    pid: 4711,
    state: 'S',
    group: 4711,
    session: 4711,
    flags: 4_194_560,
    cpuTicks: 6,
    threads: 5,
    startTicks: '987654',
  })
})

test('is not fooled by a name with spaces and parentheses', () => {
  expect(parseStat(line({ name: 'a) R 1 (b c' }))).toMatchObject({ pid: 4711, state: 'S', startTicks: '987654' })
})

test.each(['', 'garbage', '12 (cut off', '12 (cut off) S 1 2'])('makes nothing of %j', text => {
  expect(parseStat(text)).toBeUndefined()
})

const stateFor = (wish: Parameters<typeof line>[0]) => {
  const stat = parseStat(line(wish))
  return stat && stateOf(stat)
}

test('knows running, frozen, dying and gone apart', () => {
  expect(stateFor({ state: 'R' })).toBe('running')
  expect(stateFor({ state: 'D' })).toBe('running')
  expect(stateFor({ state: 'T' })).toBe('frozen')
  expect(stateFor({ state: 'R', flags: 4_194_560 | 0x4 })).toBe('dying')
  expect(stateFor({ state: 'Z', threads: 1 })).toBe('gone')
})

test('a zombie whose other threads are still ending holds its sockets, so it is not gone', () => {
  expect(stateFor({ state: 'Z', threads: 4 })).toBe('dying')
})
