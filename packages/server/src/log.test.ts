import { describe, expect, it } from 'vitest'
import { openLog, readable } from './log.ts'

function logged(format: 'auto' | 'json' | 'pretty', isTTY: boolean) {
  const lines: string[] = []
  const log = openLog({ logLevel: 'info', logFormat: format }, { isTTY, write: text => lines.push(text) })
  return { log, lines }
}

describe('the log', () => {
  it('is JSON for machines and readable on a terminal', () => {
    const machine = logged('auto', false)
    machine.log.info({ group: 'orders' }, 'started')
    expect(JSON.parse(machine.lines[0] ?? '')).toMatchObject({ level: 30, group: 'orders', msg: 'started' })
    const person = logged('auto', true)
    person.log.info({ group: 'orders' }, 'started')
    expect(person.lines[0]).toMatch(/\d\d:\d\d:\d\d.*info.*started.*group=orders/)
  })

  it('blots out what goes by the name of a secret', () => {
    const { log, lines } = logged('json', false)
    log.warn({ password: 'p1', request: { authToken: 'p2', deep: { secret: 'p3' } } }, 'asked')
    expect(lines[0]).not.toMatch(/p1|p2|p3/)
    expect(lines[0]).toContain('(hidden)')
  })

  it('keeps quiet below its level', () => {
    const { log, lines } = logged('json', false)
    log.debug('not heard')
    expect(lines).toEqual([])
  })

  it('shows an error with its stack, and texts with spaces in quotes', () => {
    const line = JSON.stringify({
      level: 50,
      time: 0,
      msg: 'broke',
      why: 'two words',
      err: { type: 'Bug', stack: 'Bug: x\n at y' },
    })
    expect(readable(line, false)).toMatch(/error broke {2}why="two words"\nBug: x\n at y\n$/)
  })
})
