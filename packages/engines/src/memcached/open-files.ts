/** How many connections a process here may hold. Memcached does not start when its `-c` asks for more than that. */
import { readFileSync } from 'node:fs'

/** Sockets are not all a process opens. */
const reserve = 128

/** The hard limit, which Memcached raises its own to; root may go beyond it, but a container's root often may not. */
export function mostConnectionsHere(read: () => string = readLimits): number {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(read())?.[1]
  if (hard === undefined || hard === 'unlimited') return Number.POSITIVE_INFINITY
  return Math.max(reserve, Number(hard) - reserve)
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8')
  } catch {
    return ''
  }
}
