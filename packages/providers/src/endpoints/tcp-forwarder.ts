/**
 * The forwarder's process: `node tcp-forwarder.js <data directory> <control socket> <listen address>`.
 * It outlives Hotshelf, so clients stay connected while Hotshelf is updated. It knows nothing but endpoints.json, which it
 * reads at its start and whenever somebody writes a line to its control socket; the answer says what it could not do.
 * It ends by itself when there is nothing to forward any more, or the data directory is gone.
 */
import { rmSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { takingTurns } from '../turns.ts'
import { type Applied, type Greeting, protocol } from './forwarder-protocol.ts'
import { createForwarding, type RouteFailure } from './forwarding.ts'
import { endpointsFile, readEndpoints } from './records.ts'
import { routesOf } from './routes.ts'

const retryMs = 1_000

async function main(dataDir: string, controlSocket: string, listen: string): Promise<void> {
  if (await answers(controlSocket)) return
  const forwarding = createForwarding()
  const turns = takingTurns()
  let failures: readonly RouteFailure[] = []
  const apply = () =>
    turns('apply', async (): Promise<Applied> => {
      try {
        const routes = routesOf(await readEndpoints(dataDir), listen)
        failures = await forwarding.apply(routes)
        if (routes.length === 0) setImmediate(end)
        return { failures, trouble: undefined }
      } catch (error) {
        return { failures, trouble: String(error) }
      }
    })
  const end = (): void => {
    rmSync(controlSocket, { force: true })
    process.exit(0)
  }
  process.on('SIGTERM', end)
  rmSync(controlSocket, { force: true })
  await serveControl(controlSocket, apply)
  await apply()
  setInterval(() => void lookAgain(dataDir, failures.length > 0, apply, end), retryMs)
}

/** A port that was taken may be free by now; a data directory that was deleted needs no forwarder. */
async function lookAgain(dataDir: string, unfinished: boolean, apply: () => Promise<unknown>, end: () => void) {
  const there = await stat(endpointsFile(dataDir)).then(
    () => true,
    () => false,
  )
  if (!there) end()
  else if (unfinished) await apply()
}

function serveControl(path: string, apply: () => Promise<Applied>): Promise<void> {
  const converse = (socket: Socket): void => {
    socket.on('error', () => socket.destroy())
    say(socket, { protocol, pid: process.pid })
    socket.on('data', chunk => {
      for (const byte of chunk) {
        if (byte === 0x0a) void apply().then(applied => say(socket, applied))
      }
    })
  }
  return new Promise((resolve, reject) => {
    createServer(converse).once('error', reject).listen(path, resolve)
  })
}

const say = (socket: Socket, what: Greeting | Applied): void => {
  if (!socket.destroyed) socket.write(`${JSON.stringify(what)}\n`)
}

function answers(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(path)
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      resolve(true)
      socket.destroy()
    })
  })
}

const [dataDir = '', controlSocket = '', listen = ''] = process.argv.slice(2)
await main(dataDir, controlSocket, listen)
