/**
 * The simplest client there is: a fresh connection for each try, the next try 5 ms after the last one failed. What it cannot
 * write is downtime; what any given address acknowledges ends it, so that no peer pays for its own clients.
 */
import { connect } from 'node:net'
import { keySlot, RespClient, type RespReply } from '@hotshelf/testkit'

export interface Address {
  readonly host: string
  readonly port: number
}

export interface Shard {
  readonly primary: Address
  /** Where the client tries to write, all at once. */
  readonly tried: readonly Address[]
  readonly key: string
}

export type Signal = 'SIGKILL' | 'SIGSTOP'

const retryMs = 5
/** The kernel accepts connections for a stopped process: without this the first try would never end. */
const patienceMs = 100
const givenUpMs = 60_000

export const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

export async function ask(address: Address, ...command: readonly string[]): Promise<RespReply> {
  const client = await RespClient.connect(address)
  try {
    return await client.send(...command)
  } finally {
    client.close()
  }
}

const info = async (address: Address, section: string): Promise<string> =>
  String(await ask(address, 'INFO', section).catch(() => ''))

export const processAt = async (address: Address): Promise<number> =>
  Number(/process_id:(\d+)/.exec(await info(address, 'server'))?.[1])

export async function replicasAt(address: Address): Promise<number> {
  const text = await info(address, 'replication')
  return text.includes('role:master') ? (text.match(/state=online/g)?.length ?? 0) : 0
}

type SlotRange = readonly [number, number, ...(readonly [string, number])[]]

function keyBetween(first: number, last: number): string {
  for (let i = 0; ; i++) {
    const slot = keySlot(`key:${i}`)
    if (slot >= first && slot <= last) return `key:${i}`
  }
}

/** As the first of the addresses that answers knows them, in the order of their slots. */
export async function shardsAt(addresses: readonly Address[]): Promise<readonly Shard[]> {
  for (const address of addresses) {
    const ranges = await ask(address, 'CLUSTER', 'SLOTS').catch(() => undefined)
    if (!Array.isArray(ranges)) continue
    return (ranges as unknown as readonly SlotRange[]).map(([first, last, ...nodes]) => {
      const tried = nodes.map(([host, port]) => ({ host, port }))
      return { primary: tried[0]!, tried, key: keyBetween(first, last) }
    })
  }
  return []
}

interface Acknowledged {
  readonly at: number
  readonly by: number
}

const words = (...command: readonly string[]): string =>
  `*${command.length}\r\n${command.map(word => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`

/** Who acknowledged is asked in the same breath: a reply of the dying process must not pass for a failover. */
function tryToWrite({ host, port }: Address, key: string): Promise<Acknowledged | undefined> {
  return new Promise(resolve => {
    const socket = connect({ host, port, noDelay: true })
    let received = ''
    let at: number | undefined
    const end = (result: Acknowledged | undefined): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(result)
    }
    const timer = setTimeout(() => end(undefined), patienceMs)
    socket.on('connect', () => socket.write(words('SET', key, 'written') + words('INFO', 'server')))
    socket.on('data', (bytes: Buffer) => {
      received += bytes.toString('latin1')
      if (received.startsWith('-')) return end(undefined)
      if (received.startsWith('+OK\r\n')) at ??= performance.now()
      const by = /process_id:(\d+)\r/.exec(received)
      if (at !== undefined && by) end({ at, by: Number(by[1]) })
    })
    socket.on('error', () => end(undefined))
    socket.on('close', () => end(undefined))
  })
}

/** Milliseconds from the signal until another process acknowledged a write; infinite where none did within a minute. */
export async function downtime({ tried, key }: Shard, victim: number, signal: Signal): Promise<number> {
  let ended: number | undefined
  const began = performance.now()
  process.kill(victim, signal)
  const client = async (address: Address): Promise<void> => {
    while (ended === undefined) {
      const found = await tryToWrite(address, key)
      if (found && found.by !== victim) ended = Math.min(ended ?? found.at, found.at)
      else if (performance.now() - began > givenUpMs) ended = Number.POSITIVE_INFINITY
      else await pause(retryMs)
    }
  }
  await Promise.all(tried.map(client))
  return ended! - began
}
