/**
 * What listens on a Memcached cluster's configuration endpoint. It answers what ElastiCache's nodes answer and stock
 * Memcached does not (`config get cluster`, and the older `get AmazonElastiCache:cluster`); everything else goes to one
 * node of the cluster, whose answers come back untouched, so that plain clients work here too.
 * Order is the danger: an answer of ours must not overtake a node's answers to what was asked before it. So a question of
 * ours that follows others on its connection waits until the node has answered a question that only we can have asked.
 */
import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type MemberNode, type Membership, renderMembership } from '@hotshelf/domain'
import { requestSplitter } from './requests.ts'

export interface DiscoveryOptions {
  readonly membership: () => Membership
  readonly tls: boolean
}

export const oldKey = 'AmazonElastiCache:cluster'

/** The answer to a line, or undefined where the node is to answer. */
export function discoveryAnswer(line: string, membership: Membership): string | undefined {
  const words = line.split(' ').filter(word => word !== '')
  const payload = renderMembership(membership)
  if (words.length === 3 && words[0] === 'config' && words[1] === 'get') {
    if (words[2] !== 'cluster') return 'END\r\n'
    return `CONFIG cluster 0 ${Buffer.byteLength(payload)}\r\n${payload}\r\nEND\r\n`
  }
  if (words.length === 2 && (words[0] === 'get' || words[0] === 'gets') && words[1] === oldKey) {
    const unique = words[0] === 'gets' ? ` ${membership.version}` : ''
    return `VALUE ${oldKey} 0 ${Buffer.byteLength(payload)}${unique}\r\n${payload}\r\nEND\r\n`
  }
  return undefined
}

/** The magic byte of a request in the binary protocol. */
const binary = 0x80

export function serveClient(client: Socket, options: DiscoveryOptions): void {
  client.on('error', () => client.destroy())
  client.once('data', (first: Buffer) => {
    client.pause()
    if (first[0] === binary) pipeBinary(client, first, options)
    else serveText(client, first, options)
  })
}

/** Binary clients discover nothing here: AWS has no such command in that protocol. */
function pipeBinary(client: Socket, first: Buffer, options: DiscoveryOptions): void {
  toSomeNode(options, (node: Socket | undefined) => {
    if (!node) return void client.destroy()
    node.on('error', () => client.destroy())
    client.on('close', () => node.destroy())
    node.on('close', () => client.destroy())
    node.write(first)
    client.pipe(node)
    node.pipe(client)
  })
}

function serveText(client: Socket, first: Buffer, options: DiscoveryOptions): void {
  const split = requestSplitter()
  /** Undefined until something was asked that only a node can answer. */
  let node: NodeLine | undefined
  let work = Promise.resolve()

  async function handle(chunk: Buffer): Promise<void> {
    for (const piece of split(chunk)) {
      const answer = 'line' in piece ? discoveryAnswer(piece.line, options.membership()) : undefined
      if (answer !== undefined) {
        await node?.settled()
        client.write(answer)
        continue
      }
      node ??= await openNode(client, options)
      if (!node) return void client.end('SERVER_ERROR no node of the cluster answers\r\n')
      if (!node.write(piece.bytes)) await node.drained()
    }
  }

  const take = (chunk: Buffer): void => {
    client.pause()
    work = work
      .then(() => handle(chunk))
      .then(
        () => void client.resume(),
        () => void client.destroy(),
      )
  }
  client.on('data', take)
  client.on('close', () => node?.close())
  take(first)
}

interface NodeLine {
  write(bytes: Buffer): boolean
  drained(): Promise<void>
  /** Resolves once everything asked so far was answered. */
  settled(): Promise<void>
  close(): void
}

function openNode(client: Socket, options: DiscoveryOptions): Promise<NodeLine | undefined> {
  return new Promise(resolve =>
    toSomeNode(options, socket => resolve(socket === undefined ? undefined : nodeLine(client, socket))),
  )
}

function nodeLine(client: Socket, node: Socket): NodeLine {
  let asked = false
  let marker: { readonly answer: Buffer; readonly done: () => void } | undefined
  let tail = Buffer.alloc(0)
  node.on('data', (bytes: Buffer) => {
    if (!marker) return void client.write(bytes)
    const all = Buffer.concat([tail, bytes])
    const at = all.indexOf(marker.answer)
    if (at >= 0) {
      client.write(all.subarray(0, at))
      const { done } = marker
      marker = undefined
      tail = Buffer.alloc(0)
      return done()
    }
    const kept = Math.min(all.length, marker.answer.length - 1)
    client.write(all.subarray(0, all.length - kept))
    tail = all.subarray(all.length - kept)
  })
  node.on('error', () => client.destroy())
  node.on('close', () => client.destroy())
  return {
    write(bytes) {
      asked = true
      return node.write(bytes)
    },
    drained: () => new Promise(resolve => node.once('drain', () => resolve())),
    settled() {
      if (!asked) return Promise.resolve()
      asked = false
      const token = randomBytes(12).toString('hex')
      return new Promise(resolve => {
        // Nobody stores under this key, so the node says NF and repeats the token.
        marker = { answer: Buffer.from(`NF O${token}\r\n`), done: resolve }
        node.write(`md hotshelf:${token} O${token}\r\n`)
      })
    },
    close: () => void node.destroy(),
  }
}

const connectMs = 1000

/** Whichever node answers first in a random order: configuration endpoints of AWS lead to any node too. */
function toSomeNode(options: DiscoveryOptions, done: (node: Socket | undefined) => void): void {
  const nodes = [...options.membership().nodes]
  const tryNext = (): void => {
    const [node] = nodes.splice(Math.floor(Math.random() * nodes.length), 1)
    if (!node) return done(undefined)
    const socket = connectTo(node, options.tls)
    const timer = setTimeout(() => socket.destroy(new Error('timeout')), connectMs)
    const failed = (): void => {
      clearTimeout(timer)
      tryNext()
    }
    socket.once('error', failed)
    socket.once(options.tls ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer)
      socket.off('error', failed)
      done(socket)
    })
  }
  tryNext()
}

/** Nodes are ours, at addresses that control gave us. */
const connectTo = ({ address: host, port }: MemberNode, tls: boolean): Socket =>
  tls ? connectTls({ host, port, rejectUnauthorized: false }) : connect({ host, port, noDelay: true })
