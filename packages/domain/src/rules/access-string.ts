/**
 * Access strings: ACL rules as the engines take them, without what ElastiCache keeps for itself (passwords, `reset`, the
 * commands that customers do not have). Checked here as an engine would check them, so that a node never refuses one; the
 * words after the first sentence are the engine's.
 */
import { hasSubcommands, isAclCategory, isAclCommand } from '../catalog/acl-commands.ts'
import { isRestrictedCommand } from '../catalog/restricted-commands.ts'
import { type Fault, fault } from '../faults.ts'

/** The rules, in order; a selector is one rule. Throws AWS's fault. */
export function requireAccessString(text: string): readonly string[] {
  const rules = splitRules(text)
  if (rules.length === 0) throw invalid('It must not be empty.')
  checkAll(rules, undefined)
  return rules
}

/** Of a string that was checked before. A selector is `(` … `)` and may hold spaces. */
export function splitRules(text: string): readonly string[] {
  const rules: string[] = []
  for (const word of text.split(/\s+/).filter(part => part !== '')) {
    const last = rules.at(-1)
    if (last !== undefined && isOpen(last)) rules[rules.length - 1] = `${last} ${word}`
    else rules.push(word)
  }
  return rules
}

const isOpen = (rule: string): boolean => rule.startsWith('(') && !rule.endsWith(')')

/** Nothing was said of the user being on: then he is off. */
export const isSwitchedOn = (rules: readonly string[]): boolean =>
  rules.map(rule => rule.toLowerCase()).findLast(rule => rule === 'on' || rule === 'off') === 'on'

/** Whoever has all keys or channels gains nothing by a pattern, and an engine says so. */
interface Seen {
  keys: boolean
  channels: boolean
  /** A selector is refused as a whole. */
  readonly selector: string | undefined
}

function checkAll(rules: readonly string[], selector: string | undefined): void {
  const seen: Seen = { keys: false, channels: false, selector }
  for (const rule of rules) check(rule, seen)
}

const ofUsers: ReadonlySet<string> = new Set([
  'on',
  'off',
  'sanitize-payload',
  'skip-sanitize-payload',
  'clearselectors',
])

function check(rule: string, seen: Seen): void {
  const lower = rule.toLowerCase()
  if (/^[><#!]/.test(rule) || ['nopass', 'resetpass', 'reset'].includes(lower))
    throw invalid(`'${shown(rule)}' is not allowed: passwords are given by Passwords or AuthenticationMode.`)
  if (rule.startsWith('(')) return checkSelector(rule, seen)
  if (ofUsers.has(lower)) {
    if (seen.selector !== undefined) throw refused(seen.selector, 'Syntax error')
    return
  }
  if (rule.startsWith('+') || rule.startsWith('-')) return checkCommand(rule, lower, seen.selector ?? rule)
  if (!checkPatterns(rule, lower, seen)) throw refused(seen.selector ?? rule, 'Syntax error')
}

/** A password must not come back in a message. */
const shown = (rule: string): string => (/^[><#!]/.test(rule) ? rule.slice(0, 1) : rule)

function checkSelector(rule: string, { selector }: Seen): void {
  if (selector !== undefined) throw refused(selector, 'Syntax error')
  if (!rule.endsWith(')')) throw invalid(`Unmatched parenthesis in acl selector starting at '${rule}'.`)
  checkAll(
    rule
      .slice(1, -1)
      .split(' ')
      .filter(part => part !== ''),
    rule,
  )
}

function checkPatterns(rule: string, lower: string, seen: Seen): boolean {
  if (lower === 'allcommands' || lower === 'nocommands') return true
  if (lower === 'allkeys' || rule === '~*') return (seen.keys = true)
  if (lower === 'allchannels' || rule === '&*') return (seen.channels = true)
  if (lower === 'resetkeys') return !(seen.keys = false)
  if (lower === 'resetchannels') return !(seen.channels = false)
  if (rule.startsWith('~') || /^%(r|w|rw|wr)~/i.test(rule)) return allowed(seen.selector ?? rule, seen.keys, 'keys')
  return rule.startsWith('&') && allowed(seen.selector ?? rule, seen.channels, 'channels')
}

function allowed(rule: string, all: boolean, what: 'keys' | 'channels'): true {
  if (!all) return true
  const reset =
    what === 'keys'
      ? "'resetkeys' to start with an empty list of patterns"
      : "'resetchannels' to start with an empty list of channels"
  throw refused(
    rule,
    `Adding a pattern after the * pattern (or the 'all${what}' flag) is not valid and does not have any effect. Try ${reset}`,
  )
}

function checkCommand(rule: string, lower: string, shownAs: string): void {
  const name = lower.slice(1)
  if (name.startsWith('@')) {
    if (name !== '@all' && !isAclCategory(name.slice(1))) throw unknown(shownAs)
    return
  }
  if (isRestrictedCommand(name)) throw invalid(`'${rule}' is not allowed: the command is not available in ElastiCache.`)
  if (isAclCommand(name)) return
  const [command = '', argument, ...more] = name.split('|')
  if (rule.startsWith('-') || argument === undefined || !isAclCommand(command) || hasSubcommands(command)) {
    if (more.length > 0 && isAclCommand(`${command}|${argument}`))
      throw refused(shownAs, 'Allowing first-arg of a subcommand is not supported')
    throw unknown(shownAs)
  }
  if (more.length > 0) throw refused(shownAs, 'Allowing first-arg of a subcommand is not supported')
}

const unknown = (rule: string): Fault => refused(rule, 'Unknown command or category name in ACL')
const refused = (rule: string, why: string): Fault => invalid(`Error in ACL SETUSER modifier '${rule}': ${why}`)
const invalid = (why: string): Fault => fault('InvalidParameterValueException', `Invalid Access String. ${why}`)
