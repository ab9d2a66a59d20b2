/**
 * Why a node's process is not running, in a sentence that says what to do. Pure: from how it ended and the last lines it
 * logged (all that is left when it ended while we were away).
 */
import type { Ending } from './spawn.ts'

export interface Ended {
  /** pending: the system has not told how yet. untold: it will not, as another Hotshelf started it. Undefined: nobody was there. */
  readonly ending: Ending | 'pending' | 'untold' | undefined
  /** True when we ended it ourselves on request. */
  readonly asked: boolean
  readonly program: string
  readonly directory: string
  /** Where it was to listen. */
  readonly at: TakenAddress
  readonly lastLines: readonly string[]
}

/** Left in the node's log by a stop, for a Hotshelf that comes later. */
export const stopNote = 'stopped on request'
export const startNote = (failure: NodeJS.ErrnoException): string =>
  `could not start: ${failure.code ?? 'UNKNOWN'} ${failure.message}`

export interface TakenAddress {
  readonly address: string
  readonly port: number
}

/** `holder`: who listens on the address that was taken, where the system tells. */
export function exitReason(ended: Ended, holder: string | undefined): ExitReason {
  const text = ended.lastLines.join('\n')
  const asked = ended.asked || ended.lastLines.at(-1) === `hotshelf: ${stopNote}`
  const remedy = asked ? undefined : remedyOf(ended, text, holder)
  const sentence = asked ? 'It was stopped on request.' : (remedy ?? crashReason(ended, text) ?? plainReason(ended))
  const lines = ended.lastLines.slice(-5)
  return { remedy, exit: lines.length === 0 ? sentence : `${sentence} Last lines of its log:\n${lines.join('\n')}` }
}

export interface ExitReason {
  readonly exit: string
  /** What stands in the way of every start until the operator changes it; undefined where the next may well succeed. */
  readonly remedy: string | undefined
}

/** The address that an engine says it could not listen on; memcached leaves out its port, which is the node's. */
export function takenAddress(lastLines: readonly string[], at: TakenAddress): TakenAddress | undefined {
  for (const line of lastLines.toReversed()) {
    const redisFamily = /listening socket (\S+):(\d+): bind: Address already in use/.exec(line)
    const memcached = /failed to listen on (?:TCP port (\d+)|one of interface\(s\) (\S+)): Address already in use/.exec(
      line,
    )
    if (redisFamily) return { address: redisFamily[1] ?? at.address, port: Number(redisFamily[2]) }
    if (memcached) return { address: memcached[2] ?? at.address, port: Number(memcached[1] ?? at.port) }
  }
  return undefined
}

function remedyOf(ended: Ended, text: string, holder: string | undefined): string | undefined {
  const taken = takenAddress(ended.lastLines, ended.at)
  if (taken) {
    const by = holder === undefined ? 'another process' : holder
    return `The address ${taken.address}:${taken.port} is taken by ${by}. Stop that, and the node starts on the next try.`
  }
  if (/Address already in use/.test(text))
    return 'An address it listens on is taken by another process. Stop that, and the node starts on the next try.'
  if (/Cannot assign requested address|Can't assign requested address/.test(text)) {
    return 'Its loopback address does not exist on this machine. Add it, or run with ports instead of addresses.'
  }
  if (/No space left on device|ENOSPC/.test(text)) {
    return `The disk below ${ended.directory} is full. Free some space, and the node starts on the next try.`
  }
  return spawnReason(ended, text) ?? configReason(ended.lastLines)
}

function spawnReason(ended: Ended, text: string): string | undefined {
  const code = typeof ended.ending === 'object' && 'failure' in ended.ending ? ended.ending.failure.code : undefined
  const noted = /^hotshelf: could not start: (E[A-Z]+)/m.exec(text)?.[1]
  switch (code ?? (ended.ending === undefined ? noted : undefined)) {
    case undefined:
      return undefined
    case 'ENOENT':
      return `The engine's program ${ended.program} does not exist. Install it, or name another.`
    case 'EACCES':
    case 'EPERM':
      return `The engine's program ${ended.program} may not be run by this user. Make it executable, or name another.`
    case 'ENOEXEC':
      return `${ended.program} is not a program for this machine. Install the right one, or name another.`
    case 'EAGAIN':
      return 'The limit of processes is reached (ulimit -u, or the pids limit of the container). Raise it, and the node starts on the next try.'
    case 'ENOMEM':
      return 'There is not enough memory to start a process. Free some, and the node starts on the next try.'
    default:
      return `The engine's program ${ended.program} could not be started (${code ?? noted}).`
  }
}

function configReason(lines: readonly string[]): string | undefined {
  const start = lines.findLastIndex(line => /FATAL CONFIG FILE ERROR/.test(line))
  if (start < 0) return undefined
  const [, where, what, why] = lines.slice(start)
  return `The engine refuses its configuration: ${[where, what, why].filter(Boolean).join(' ')}.`
}

function crashReason(ended: Ended, text: string): string | undefined {
  const crash = /crashed by signal: (\d+)/.exec(text)?.[1]
  if (crash !== undefined) return `The engine crashed (signal ${crash}); its report is in ${ended.directory}/node.log.`
  if (/Out Of Memory allocating|Can't allocate|failed to allocate/i.test(text)) {
    return 'It could not get the memory it asked for. Free some, or choose a smaller node type.'
  }
  if (typeof ended.ending === 'object' && 'signal' in ended.ending && ended.ending.signal === 'SIGKILL') {
    return 'It was killed from outside (SIGKILL): by somebody, or by the kernel for want of memory (see dmesg).'
  }
  return undefined
}

function plainReason(ended: Ended): string {
  const { ending } = ended
  if (ending === 'pending') return 'It is ending.'
  if (ending === 'untold') return 'It ended by itself or was killed; the system tells only its parent which.'
  if (ending === undefined) return 'It ended while Hotshelf was not running.'
  if ('failure' in ending) return `It could not be started: ${ending.failure.message}.`
  if (ending.signal !== undefined) return `It was ended by ${ending.signal}.`
  return `It ended by itself with code ${ending.code}.`
}
