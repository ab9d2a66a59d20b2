/**
 * Moves the client listener to other addresses: how an endpoint moves from an old primary to a new one.
 * Danger: CONFIG SET bind closes and reopens every listener, and a child that the engine has just forked (snapshot, full
 * copy) still holds the old ones for some milliseconds. Then the engine can neither bind the new addresses nor restore the
 * old ones and is left without any listener. So: try until it holds, prove it by connecting, and never leave without
 * somebody listening on the addresses it had.
 */
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { type EngineCommand, type NodePlace, Unavailable } from '@hotshelf/domain'
import type { Conversation } from './conversation.ts'
import { failure, refusalOf } from './refusals.ts'

/** The share of the deadline spent on trying; the rest is for giving the old addresses back. */
const tryingShare = 0.7
const heldAddressPollMs = 5
/** A listener with a full queue does not answer; only a refused connection proves that nobody listens. */
const connectTimeoutMs = 100

export async function bind(
  node: Conversation,
  { addresses }: Extract<EngineCommand, { readonly do: 'bind' }>,
): Promise<void> {
  const before = await boundAddresses(node)
  if (addresses.join(' ') === before.join(' ') && (await allListening(node.place, before))) return
  const added = addresses.filter(address => !before.includes(address))
  const giveUpAt = node.remainingMs() * (1 - tryingShare)
  while (node.remainingMs() > giveUpAt) {
    if (await listenOn(node, addresses)) return
    // Ours or another node's forked child lets go by itself; another node that holds the address must be asked by control.
    while ((await anyListening(node.place, added)) && node.remainingMs() > giveUpAt) {
      if (!(await allListening(node.place, before))) await listenOn(node, before)
      await pause(heldAddressPollMs)
    }
  }
  while (!(await allListening(node.place, before)) && node.remainingMs() > 1) await listenOn(node, before)
  throw new Unavailable(`CONFIG SET bind: another process listens on one of ${added.join(', ')}`)
}

/** True when the engine took the addresses and really accepts connections on all of them. */
async function listenOn(node: Conversation, addresses: readonly string[]): Promise<boolean> {
  const refusal = refusalOf(await node.ask(node.name('config'), 'SET', 'bind', addresses.join(' ')))
  if (!refusal) return allListening(node.place, addresses)
  if (/failed to bind|unable to listen/i.test(refusal.refused)) return false
  throw failure('CONFIG SET bind', refusal.refused)
}

async function boundAddresses(node: Conversation): Promise<readonly string[]> {
  const reply = await node.ask(node.name('config'), 'GET', 'bind')
  const refusal = refusalOf(reply)
  if (refusal) throw failure('CONFIG GET bind', refusal.refused)
  return Array.isArray(reply) ? String(reply[1] ?? '').split(' ') : []
}

const portsOf = ({ port, tlsPort }: NodePlace): readonly number[] => (tlsPort === undefined ? [port] : [port, tlsPort])

const attempts = (place: NodePlace, addresses: readonly string[]): Promise<readonly boolean[]> =>
  Promise.all(addresses.flatMap(address => portsOf(place).map(port => isListening(address, port))))

export const allListening = async (place: NodePlace, addresses: readonly string[]): Promise<boolean> =>
  (await attempts(place, addresses)).every(Boolean)

const anyListening = async (place: NodePlace, addresses: readonly string[]): Promise<boolean> =>
  (await attempts(place, addresses)).some(Boolean)

function isListening(host: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host, port, timeout: connectTimeoutMs })
    const answer = (listening: boolean) => {
      socket.destroy()
      resolve(listening)
    }
    socket.once('connect', () => answer(true))
    socket.once('timeout', () => answer(true))
    socket.once('error', () => answer(false))
  })
}
