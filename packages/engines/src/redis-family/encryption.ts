/**
 * Changes how a running node is spoken to: plain, TLS on a second port beside, or TLS alone. All of it can be set at run
 * time (Valkey 8.0, Redis 7.0), so nobody is restarted: listeners move in one CONFIG SET, peers of a cluster see other ports
 * in each other's greetings and build their links anew, encrypted.
 * Danger: the same as in bind.ts. A child that was just forked still holds the old listeners, so it is tried until it holds.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { type EngineCommand, type NodePlace, Unavailable } from '@hotshelf/domain'
import { allListening } from './bind.ts'
import { encryptionLines } from './config-file.ts'
import { type Conversation, demand } from './conversation.ts'
import { failure, refusalOf, textOf } from './refusals.ts'

type Encrypt = Extract<EngineCommand, { readonly do: 'encrypt' }>

const retryMs = 5
const hearMs = 20
const leftForOthersMs = 200
/** Peers ping each other every half of it; control raises it again once the cluster is well. */
const hastyTimeoutMs = 1000

export async function encrypt(node: Conversation, wish: Encrypt): Promise<void> {
  const addresses = await boundAddresses(node)
  const hasty = wish.clusterMode ? ['cluster-node-timeout', String(hastyTimeoutMs)] : []
  const change = [...directivesOf(node.place, wish), ...hasty]
  for (;;) {
    const refusal = refusalOf(await node.ask(node.name('config'), 'SET', ...change))
    if (!refusal && (await allListening(node.place, addresses))) break
    if (refusal && !/failed to (bind|listen)|unable to (listen|apply|bind)/i.test(refusal.refused)) {
      throw failure('CONFIG SET tls-port', refusal.refused)
    }
    if (node.remainingMs() <= retryMs) throw new Unavailable('CONFIG SET tls-port: a port could not be had in time')
    await pause(retryMs)
  }
  if (wish.transitEncryption === 'required') await cutPlain(node, addresses)
  if (wish.clusterMode) await hearOfPorts(node, wish.transitEncryption)
}

/**
 * A cluster's clients learn ports from whichever node they ask, and a node from its peers' pings: once this one has heard
 * of everybody's, it tells none that is closed. A peer that does not answer is not waited for longer than this.
 */
async function hearOfPorts(node: Conversation, mode: Encrypt['transitEncryption']): Promise<void> {
  while (node.remainingMs() > leftForOthersMs) {
    const shards = await node.ask('CLUSTER', 'SHARDS')
    const ports = portsIn(shards)
    const heard = ports.every(({ plain, tls }) =>
      mode === 'off' ? tls === 0 : tls > 0 && (tls === plain) === (mode === 'required'),
    )
    if (heard) return
    await pause(hearMs)
  }
}

/** `CLUSTER SHARDS` is lists in lists; a node is the one that names an `endpoint`. */
function portsIn(reply: unknown): readonly { readonly plain: number; readonly tls: number }[] {
  if (!Array.isArray(reply)) return []
  if (!reply.includes('endpoint')) return reply.flatMap(portsIn)
  const after = (name: string) => Number(reply.includes(name) ? reply[reply.indexOf(name) + 1] : 0)
  return [{ plain: after('port'), tls: after('tls-port') }]
}

/** What goes first must let its port go before the next takes it: TLS moves onto the plain port, or away from it. */
function directivesOf(place: NodePlace, { transitEncryption, clusterMode }: Encrypt): readonly string[] {
  const plain = ['port', String(transitEncryption === 'required' ? 0 : place.port)]
  if (transitEncryption === 'off') {
    const peers = ['tls-replication', 'no', 'tls-cluster', 'no']
    return ['tls-port', '0', ...plain, ...peers, ...(clusterMode ? ['cluster-announce-tls-port', '0'] : [])]
  }
  const lines = encryptionLines({ place, transitEncryption, clusterMode }).map(([name, ...values]) => [
    name,
    values.join(' '),
  ])
  const port = lines.filter(([name]) => name === 'tls-port').flat()
  const others = lines.filter(([name]) => name !== 'tls-port').flat()
  const announced = clusterMode ? ['cluster-announce-tls-port', port[1] ?? '0'] : []
  return [...others, ...(transitEncryption === 'required' ? [...plain, ...port] : [...port, ...plain]), ...announced]
}

/** Connections outlive their listener. Customers without TLS are cut, and links of replicas, which come back encrypted. */
async function cutPlain(node: Conversation, addresses: readonly string[]): Promise<void> {
  for (const address of addresses) {
    for (const type of ['normal', 'pubsub', 'replica']) {
      const at = `${address}:${node.place.port}`
      await demand(node, 'CLIENT KILL', ['CLIENT', 'KILL', 'TYPE', type, 'LADDR', at])
    }
  }
}

async function boundAddresses(node: Conversation): Promise<readonly string[]> {
  const reply = await node.ask(node.name('config'), 'GET', 'bind')
  if (!Array.isArray(reply)) textOf('CONFIG GET bind', reply)
  return String((reply as readonly string[])[1] ?? '').split(' ')
}
