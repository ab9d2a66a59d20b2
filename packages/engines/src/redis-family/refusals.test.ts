import { Bug, Unavailable } from '@hotshelf/domain'
import { describe, expect, it } from 'vitest'
import { failure, textOf } from './refusals.ts'
import { commandName } from './restricted-commands.ts'

describe('a refusal', () => {
  it.each([
    'LOADING Redis is loading the dataset in memory',
    'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
    'NOREPLICAS Not enough good replicas to write.',
    'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)',
    'ERR max number of clients reached',
  ])('that another look will mend is Unavailable: %s', refused => {
    expect(failure('INFO', refused)).toBeInstanceOf(Unavailable)
  })

  it.each([
    "ERR CONFIG SET failed (possibly related to argument 'databases') - can't set immutable config",
    'WRONGPASS invalid username-password pair or user is disabled.',
    'NOAUTH Authentication required.',
  ])('of our own making is a Bug in the engine’s words: %s', refused => {
    expect(failure('CONFIG SET', refused)).toEqual(new Bug(`CONFIG SET: ${refused}`))
    expect(failure('CONFIG SET', refused)).toBeInstanceOf(Bug)
  })

  it('does not tell the other name of a restricted command', () => {
    const name = commandName('config', 'secret')
    const { message } = failure('CONFIG GET', `ERR unknown command '${name}', with args beginning with: 'GET'`)
    expect(message).toBe("CONFIG GET: ERR unknown command 'config', with args beginning with: 'GET'")
  })

  it('is an answer of another kind than text', () => {
    expect(textOf('PING', 'PONG')).toBe('PONG')
    expect(() => textOf('PING', { refused: 'LOADING …' })).toThrow(Unavailable)
    expect(() => textOf('PING', 7)).toThrow(Bug)
  })
})
