import { expect, test } from 'vitest'
import type { Candidate } from './process-table.ts'
import { match, parsePs, type PsRow, shared, stateOfRow } from './ps.ts'

const macos = `
  501   501 Ss   Mon Nov 24 09:15:02 2025     /opt/homebrew/bin/valkey-server 127.0.0.1:20014
  502   501 S    Mon Nov 24 09:15:03 2025     valkey-rdb-bgsave 127.0.0.1:20014
  503   503 TsE+ Mon Nov  3 09:15:02 2025     valkey-server 127.0.0.1:20016 [cluster]
`

test('reads rows as macOS and Linux write them', () => {
  expect(parsePs(macos).map(({ pid, group, stat, startedAt }) => [pid, group, stat, startedAt])).toEqual([
    [501, 501, 'Ss', 'Mon Nov 24 09:15:02 2025'],
    [502, 501, 'S', 'Mon Nov 24 09:15:03 2025'],
    [503, 503, 'TsE+', 'Mon Nov 3 09:15:02 2025'],
  ])
  expect(parsePs(macos)[2]?.command).toBe('valkey-server 127.0.0.1:20016 [cluster]')
  expect(parsePs('ps: illegal option\n')).toEqual([])
})

const row = (wish: Partial<PsRow>): PsRow => ({
  pid: 501,
  group: 501,
  stat: 'Ss',
  startedAt: 'Mon Nov 24 09:15:02 2025',
  command: 'valkey-server 127.0.0.1:20014',
  ...wish,
})

test('knows running, frozen, dying and gone apart', () => {
  expect(['S', 'R+', 'T', 'Ts', 'SE', 'Z'].map(stat => stateOfRow(row({ stat })))).toEqual([
    'running',
    'running',
    'frozen',
    'frozen',
    'dying',
    'gone',
  ])
})

const candidate: Candidate = {
  directory: '/data/nodes/a/b/orders/orders-001',
  program: '/opt/homebrew/bin/valkey-server',
  address: '127.0.0.1',
  port: 20_014,
  remembered: undefined,
}
const pidFor = (wish: Partial<Candidate>, rows: readonly PsRow[]) =>
  match([{ ...candidate, ...wish }], rows).get(candidate.directory)?.pid

test('finds a node by pid and start time, and not who has its pid now', () => {
  const { pid, startedAt } = row({})
  const stranger = row({ startedAt: 'Mon Nov 24 10:00:00 2025', command: 'vim' })
  expect(pidFor({ remembered: { pid, startedAt } }, [row({ command: 'renamed' })])).toBe(501)
  const wavering = row({ command: 'renamed', startedAt: 'Mon Nov 24 09:15:03 2025' })
  expect(pidFor({ remembered: { pid, startedAt } }, [wavering])).toBe(501)
  expect(pidFor({ remembered: { pid, startedAt } }, [stranger])).toBeUndefined()
})

test('finds a node without a pid file by the address in its title or its directory among the arguments', () => {
  expect(pidFor({}, [row({})])).toBe(501)
  expect(pidFor({}, [row({ command: `valkey-server ${candidate.directory}/valkey.conf` })])).toBe(501)
  expect(pidFor({}, [row({ command: 'valkey-server 127.0.0.1:200' })])).toBeUndefined()
  expect(pidFor({}, [row({ command: `vim ${candidate.directory}/valkey.conf` })])).toBeUndefined()
})

test('takes neither a child of the node nor a zombie for the node', () => {
  expect(pidFor({}, [row({ pid: 502 })])).toBeUndefined()
  expect(pidFor({}, [row({ stat: 'Z' })])).toBeUndefined()
})

test('answers everybody who asks while ps runs with one more ps, begun after they asked', async () => {
  const asked: (readonly number[])[] = []
  let finish = () => {}
  const look = shared(async pids => {
    asked.push(pids)
    await new Promise<void>(resolve => (finish = resolve))
    return pids.map(pid => row({ pid }))
  })
  const first = look([1])
  await Promise.resolve()
  const later = [look([2]), look([3]), look([2])]
  finish()
  await first
  await Promise.resolve()
  finish()
  expect((await Promise.all(later)).map(rows => rows.length)).toEqual([2, 2, 2])
  expect(asked).toEqual([[1], [2, 3]])
})

test('goes on after a ps that failed', async () => {
  let fails = true
  const look = shared(async () => {
    if (fails) throw new Error('no ps')
    return []
  })
  await expect(look([1])).rejects.toThrow('no ps')
  fails = false
  expect(await look([1])).toEqual([])
})
