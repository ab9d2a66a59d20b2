import { describe, expect, it } from 'vitest'
import { openLog } from './log.ts'
import { stopInOrder } from './stop.ts'

describe('stopping', () => {
  it('goes on to the next stage, in order, when one fails', async () => {
    const told: string[] = []
    const log = openLog({ logLevel: 'error', logFormat: 'json' }, { write: text => told.push(text) })
    const ended: string[] = []
    await stopInOrder(log, [
      ['calls', async () => void ended.push('calls')],
      ['steps', () => Promise.reject(new Error('the database is gone'))],
      ['directory', async () => void ended.push('directory')],
    ])
    expect(ended).toEqual(['calls', 'directory'])
    expect(told.join('')).toMatch(/stopping: steps did not end well/)
  })
})
