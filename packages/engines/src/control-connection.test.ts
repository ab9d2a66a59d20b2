import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { ControlConnection } from './control-connection.ts'

let directory: string | undefined
let server: Server | undefined
afterEach(() => {
  server?.close()
  if (directory !== undefined) rmSync(directory, { recursive: true })
})

/** A node that accepts and says nothing, as a frozen process does. */
async function silentNode(): Promise<string> {
  directory = mkdtempSync(join(tmpdir(), 'hs-'))
  const socket = join(directory, 'control.sock')
  server = createServer(() => {})
  await new Promise<void>(resolve => server!.listen(socket, resolve))
  return socket
}

describe('a control connection', () => {
  it('fails everybody who waits on it when one of them gives it up, however patient the others are', async () => {
    const connection = new ControlConnection({
      socket: await silentNode(),
      greet: [['INFO']],
      readGreeting: () => undefined,
      onLost: () => {},
    })
    const patient = connection.send([['PING']], 600_000)
    const hasty = connection.send([['PING']], 50)
    await expect(hasty).rejects.toThrow('no answer within 50 ms')
    await expect(patient).rejects.toThrow('no connection')
  })
})
