/**
 * A client of one node in a process of its own, so that it waits for the node and not for the bench: one GET of a key at a
 * time. Says when it reads, and, once it has heard that it is enough, the slowest hundredth of its waits in milliseconds.
 */
import { Redis } from 'ioredis'

const [host = '', port = '', keyCount = ''] = process.argv.slice(2)
const client = new Redis({ host, port: Number(port) })
const waits: number[] = []
const heard = { enough: false }
process.once('message', () => (heard.enough = true))

async function ask(): Promise<number> {
  const began = performance.now()
  await client.get(`key:${Math.floor(Math.random() * Number(keyCount))}`)
  return performance.now() - began
}

for (let i = 0; i < 100; i++) await ask()
process.send?.('reading')
while (!heard.enough) {
  waits.push(await ask())
  await new Promise(resolve => setTimeout(resolve, 1))
}
process.send?.(waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.99)] ?? 0)
client.disconnect()
process.disconnect()
