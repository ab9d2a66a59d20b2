import { expect, test } from 'vitest'
import { type Ended, exitReason, startNote, stopNote, takenAddress } from './exit-reason.ts'

const ended = (wish: Partial<Ended> = {}): Ended => ({
  ending: { code: 1, signal: undefined },
  asked: false,
  program: '/usr/bin/valkey-server',
  directory: '/data/nodes/a/b/orders/orders-001',
  at: { address: '127.77.0.1', port: 6379 },
  lastLines: [],
  ...wish,
})
const failure = (code: string) => ({ failure: Object.assign(new Error(`spawn ${code}`), { code }) })
const valkeyTaken = [
  '815:M 23 Nov 2025 22:54:10.146 # Warning: Could not create server TCP listening socket 127.77.0.1:16379: bind: Address already in use',
  '815:M 23 Nov 2025 22:54:10.146 # Failed listening on port 16379 (tcp), aborting.',
]

test('reads the taken address as each engine writes it', () => {
  const { at } = ended()
  expect(takenAddress(valkeyTaken, at)).toEqual({ address: '127.77.0.1', port: 16_379 })
  const memcached = ['failed to listen on one of interface(s) 127.77.0.9: Address already in use']
  expect(takenAddress(memcached, at)).toEqual({ address: '127.77.0.9', port: 6379 })
  const everywhere = ['failed to listen on TCP port 11211: Address already in use']
  expect(takenAddress(everywhere, at)).toEqual({ address: '127.77.0.1', port: 11_211 })
  expect(takenAddress(['all is well'], at)).toBeUndefined()
})

test('names the address and its holder, and quotes the log', () => {
  const { exit: reason } = exitReason(ended({ lastLines: valkeyTaken }), 'redis-server (process 99)')
  expect(reason).toContain('The address 127.77.0.1:16379 is taken by redis-server (process 99).')
  expect(reason).toContain('Last lines of its log:\n815:M')
  expect(exitReason(ended({ lastLines: valkeyTaken }), undefined).exit).toContain('is taken by another process')
})

test.each([
  [{ ending: failure('ENOENT') }, 'does not exist. Install it'],
  [{ ending: failure('EACCES') }, 'may not be run by this user'],
  [{ ending: failure('ENOEXEC') }, 'not a program for this machine'],
  [{ ending: failure('EAGAIN') }, 'limit of processes'],
  [{ ending: failure('EWEIRD') }, 'could not be started (EWEIRD)'],
  [{ lastLines: ["Can't open the append-only file: No space left on device"] }, 'is full. Free some space'],
  [{ lastLines: ['bind: Cannot assign requested address'] }, 'does not exist on this machine'],
  [{ lastLines: ['# Out Of Memory allocating 5000000 bytes!'] }, 'could not get the memory'],
  [{ lastLines: ['# Valkey 8.0.1 crashed by signal: 11, si_code: 1'] }, 'crashed (signal 11)'],
  [{ ending: { code: undefined, signal: 'SIGKILL' } }, 'killed from outside (SIGKILL)'],
  [{ ending: { code: undefined, signal: 'SIGTERM' } }, 'ended by SIGTERM'],
  [{ ending: { code: 3, signal: undefined } }, 'ended by itself with code 3'],
  [{ ending: undefined }, 'ended while Hotshelf was not running'],
  [{ ending: 'pending' }, 'is ending'],
  [{ ending: 'untold' }, 'tells only its parent'],
  [{ asked: true, ending: { code: undefined, signal: 'SIGKILL' } }, 'stopped on request'],
] as const)('says of %o: %s', (wish, sentence) => {
  expect(exitReason(ended(wish), undefined).exit).toContain(sentence)
})

test('quotes the directive that a configuration fails on', () => {
  const lastLines = [
    '*** FATAL CONFIG FILE ERROR (Version 8.0.1) ***',
    'Reading the configuration file, at line 2',
    ">>> 'flux-capacitor on'",
    'Bad directive or wrong number of arguments',
  ]
  expect(exitReason(ended({ lastLines }), undefined).exit).toContain(
    "refuses its configuration: Reading the configuration file, at line 2 >>> 'flux-capacitor on' Bad directive",
  )
})

test('what was noted in the log speaks to a Hotshelf that was not there', () => {
  const noted = [`hotshelf: ${startNote(Object.assign(new Error('spawn x ENOENT'), { code: 'ENOENT' }))}`]
  expect(exitReason(ended({ ending: undefined, lastLines: noted }), undefined).exit).toContain(
    'does not exist. Install it',
  )
  const stopped = ['bye bye...', `hotshelf: ${stopNote}`]
  expect(exitReason(ended({ ending: undefined, lastLines: stopped }), undefined).exit).toContain('stopped on request')
})

test('a remedy is what the operator must change, and nothing that a restart mends', () => {
  const full = ended({ lastLines: ["Can't open the append-only file: No space left on device"] })
  expect(exitReason(full, undefined).remedy).toBe(
    'The disk below /data/nodes/a/b/orders/orders-001 is full. Free some space, and the node starts on the next try.',
  )
  expect(exitReason({ ...full, asked: true }, undefined).remedy).toBeUndefined()
  const killed = ended({ ending: { code: undefined, signal: 'SIGKILL' } })
  expect(exitReason(killed, undefined).remedy).toBeUndefined()
})
