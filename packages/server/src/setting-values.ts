/**
 * How one setting's value is read, from text (flag, environment) or from JSON (config file).
 * A reader answers the value or says what it wanted; it never guesses.
 */
import { isIP } from 'node:net'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** What a value should have been: `a port between 0 and 65535`. */
export class Unreadable {
  readonly wanted: string
  constructor(wanted: string) {
    this.wanted = wanted
  }
}

export type ReadValue<T> = (value: unknown) => T | Unreadable

export function aNumber(least: number, most: number): ReadValue<number> {
  const wanted = new Unreadable(
    most === Number.MAX_SAFE_INTEGER ? `a whole number from ${least} on` : `a whole number from ${least} to ${most}`,
  )
  return value => {
    const number = typeof value === 'string' && /^\d+$/.test(value.trim()) ? Number(value) : value
    if (typeof number !== 'number' || !Number.isSafeInteger(number)) return wanted
    return number >= least && number <= most ? number : wanted
  }
}

export function oneOf<const T extends string>(...choices: readonly T[]): ReadValue<T> {
  return value => choices.find(choice => choice === value) ?? new Unreadable(`one of ${choices.join(', ')}`)
}

export const aText: ReadValue<string> = value =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : new Unreadable('a text that is not empty')

export function aPattern(pattern: RegExp, wanted: string): ReadValue<string> {
  return value => (typeof value === 'string' && pattern.test(value) ? value : new Unreadable(wanted))
}

/** Absolute; a leading `~` is the home directory, because no shell looks into files and `--flag=~/x`. */
export const aPath: ReadValue<string> = value => {
  if (typeof value !== 'string' || value.trim() === '') return new Unreadable('a path')
  const path = value.trim()
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : resolve(path)
}

/** `aws`, or where a service is: `http://127.0.0.1:9000`. */
export const anEndpoint: ReadValue<string> = value => {
  if (value === 'aws') return value
  const isUrl = typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
  return isUrl ? value : new Unreadable('a URL such as http://127.0.0.1:9000, or aws')
}

const hostName = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i

/** An address or name to listen on; IPv6 with or without brackets. */
export const aHost: ReadValue<string> = value => {
  const wanted = new Unreadable('an IPv4 or IPv6 address or a host name, without a port')
  if (typeof value !== 'string') return wanted
  const host = /^\[(.*)\]$/.exec(value)?.[1] ?? value
  if (isIP(host) !== 0) return host
  const looksLikeAddress = /^[\d.]+$/.test(host)
  return hostName.test(host) && !looksLikeAddress ? host.toLowerCase() : wanted
}

/** A DNS zone, without the dot at its end. */
export const aDomain: ReadValue<string> = value => {
  const name = typeof value === 'string' ? value.replace(/\.$/, '') : ''
  return hostName.test(name) ? name.toLowerCase() : new Unreadable('a DNS zone such as hotshelf.test')
}

/** A list, or its members separated by commas. */
export const severalTexts: ReadValue<readonly string[]> = value => {
  const members = typeof value === 'string' ? value.split(',') : value
  if (!Array.isArray(members) || !members.every(member => typeof member === 'string')) {
    return new Unreadable('texts separated by commas')
  }
  return members.map(member => member.trim()).filter(member => member !== '')
}
