import { describe, expect, it } from 'vitest'
import { commandName, renamedCommands, restrictions } from './restricted-commands.ts'

describe('restricted commands', () => {
  it('have a name that only the control password tells, another one for each command and each password', () => {
    const names = ['one', 'two'].flatMap(password => renamedCommands.map(command => commandName(command, password)))
    expect(new Set(names).size).toBe(2 * renamedCommands.length)
    expect(commandName('config', 'one')).toBe(commandName('config', 'one'))
    expect(commandName('config', 'one')).toMatch(/^config-[0-9a-f]{16}$/)
  })

  it('are only ever taken away, so the rules fit behind any access string', () => {
    const rules = restrictions({ kind: 'valkey', version: '8.0.1' })
    expect(rules.filter(rule => !rule.startsWith('-'))).toEqual([])
    expect(rules).toEqual(expect.arrayContaining(renamedCommands.map(command => `-${command}`)))
  })
})
