/**
 * Who listens on an address that we wanted, as far as the system tells: the socket's inode from /proc/net/tcp, then the
 * process that has it open. Only for messages; elsewhere than on Linux nobody is named.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { TakenAddress } from './exit-reason.ts'

export interface Listener {
  /** IPv4, or `*` for a wildcard. */
  readonly address: string
  readonly port: number
  readonly inode: string
}

const listening = '0A'

/** The listening sockets of /proc/net/tcp or tcp6: addresses there are hexadecimal in host byte order. */
export function parseListeners(text: string): readonly Listener[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap(line => {
      const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/)
      const [host = '', port] = local.split(':')
      if (state !== listening || port === undefined || inode === undefined) return []
      return [{ address: readableHost(host), port: Number.parseInt(port, 16), inode }]
    })
}

function readableHost(hex: string): string {
  if (/^0+$/.test(hex)) return '*'
  // ::ffff:a.b.c.d ends with the IPv4 address.
  const last = hex.slice(-8)
  return [6, 4, 2, 0].map(at => Number.parseInt(last.slice(at, at + 2), 16)).join('.')
}

/** `valkey-server (process 4711)`, or undefined when nobody listens there, or we may not know. */
export function holderOf(taken: TakenAddress): string | undefined {
  const holder = listenerAt(taken)
  if (!holder) return undefined
  const where = holder.address === '*' ? ', which listens on all addresses' : ''
  const pid = processWithSocket(holder.inode)
  if (pid !== undefined) return `${commandOf(pid)} (process ${pid})${where}`
  // Closed between the two looks, it was nobody's; only a socket that still listens is one that we may not see into.
  return listenerAt(taken)?.inode === holder.inode ? `a process of another user${where}` : undefined
}

function listenerAt(taken: TakenAddress): Listener | undefined {
  const listeners = [...listenersIn('/proc/net/tcp'), ...listenersIn('/proc/net/tcp6')]
  const same = listeners.filter(({ port }) => port === taken.port)
  return same.find(({ address }) => address === taken.address) ?? same.find(({ address }) => address === '*')
}

function listenersIn(path: string): readonly Listener[] {
  try {
    return parseListeners(readFileSync(path, 'latin1'))
  } catch {
    return [] // no /proc here
  }
}

function processWithSocket(inode: string): string | undefined {
  for (const pid of readdirSync('/proc')) {
    if (/^\d+$/.test(pid) && hasOpen(pid, `socket:[${inode}]`)) return pid
  }
  return undefined
}

function hasOpen(pid: string, what: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some(descriptor => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${descriptor}`) === what
      } catch {
        return false // closed between two looks
      }
    })
  } catch {
    return false // gone, or another user's
  }
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return 'a process'
  }
}
