/** An engine of the bench's own, so that nothing else is in the figures. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { Redis } from 'ioredis6'

export interface BenchEngine {
  readonly port: number
  stop(): Promise<void>
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function answering(port: number, engine: ChildProcess): Promise<void> {
  const redis = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 50, maxRetriesPerRequest: null })
  redis.on('error', () => {})
  const gone = once(engine, 'exit').then(([code]) => {
    throw new Error(`valkey-server ended with ${code}`)
  })
  await Promise.race([redis.ping(), gone])
  redis.disconnect()
}

export async function startBenchEngine(): Promise<BenchEngine> {
  const port = await freePort()
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const engine = spawn('valkey-server', flags, { stdio: 'ignore' })
  const end = () => engine.kill('SIGKILL')
  process.once('exit', end)
  await answering(port, engine)
  return {
    port,
    stop: async () => {
      process.off('exit', end)
      const ended = once(engine, 'exit')
      engine.kill('SIGTERM')
      await ended
    },
  }
}
