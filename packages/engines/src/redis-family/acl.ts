/**
 * Users of a node as ACL rules: control's own, and the customers'. Every list of rules is complete, so that one ACL SETUSER
 * takes a user from any state to this one. Passwords appear only as SHA-256, here and on the wire: the engine echoes a rule
 * it cannot read.
 */
import { createHash } from 'node:crypto'
import {
  type CacheUser,
  type CustomerAccess,
  hasAclCategory,
  hasAclCommand,
  hasSubcommands,
  isSwitchedOn,
} from '@hotshelf/domain'
import { restrictions } from './restricted-commands.ts'
import type { FamilyMember } from './versions.ts'

/**
 * The engine itself writes `(superuser)` where a connection belongs to no user (replication links, loading), so control's
 * connection looks like one of its internal clients in CLIENT LIST and ACL LOG. Customers cannot become it without the password.
 */
export const controlUser = '(superuser)'

const hashOf = (password: string): string => createHash('sha256').update(password).digest('hex')

export const controlUserRules = (controlPassword: string): readonly string[] => [
  'on',
  `#${hashOf(controlPassword)}`,
  '~*',
  '&*',
  '+@all',
]

export interface CustomerUser {
  readonly name: string
  readonly rules: readonly string[]
  /** Nobody can be logged in by this name. */
  readonly off: boolean
}

/** Every customer of a node. `default` is always among them: the engine has it, whether anybody may be it or not. */
export function customerUsers(
  access: CustomerAccess,
  member: FamilyMember,
  onlyDatabase0 = false,
  takenOver: readonly string[] = [],
): readonly CustomerUser[] {
  const kept = [...restrictions(member), ...(onlyDatabase0 ? database0Rules : [])]
  if (access.mode !== 'users') {
    const passwords = access.mode === 'open' ? ['nopass'] : access.tokens.map(token => `#${hashOf(token)}`)
    return [{ name: 'default', rules: ['reset', 'on', ...passwords, '~*', '&*', '+@all', ...kept], off: false }]
  }
  const users = access.users.map(user => customerUser(user, member, { kept, anew: takenOver.includes(user.name) }))
  return users.some(({ name }) => name === 'default') ? users : [nobody, ...users]
}

const nobody: CustomerUser = { name: 'default', rules: ['reset'], off: true }

interface Keeping {
  readonly kept: readonly string[]
  readonly anew: boolean
}

/** All but the passwords. */
const withoutRules = ['off', 'resetkeys', 'resetchannels', 'nocommands', 'clearselectors']

/** What is kept from customers comes last in every part: a selector is permission of its own. */
function customerUser(user: CacheUser, member: FamilyMember, { kept, anew }: Keeping): CustomerUser {
  const { name, rules, passwords, byToken } = user
  const login = passwords === undefined ? ['nopass'] : passwords.map(hash => `#${hash}`)
  const own = rules.flatMap(rule => (rule.startsWith('(') ? [selector(rule, member, kept)] : known(rule, member)))
  const clean = byToken && !anew ? withoutRules : ['reset']
  return { name, rules: [...clean, ...login, ...own, ...kept], off: !isSwitchedOn(rules) }
}

function selector(rule: string, member: FamilyMember, kept: readonly string[]): string {
  const parts = rule.slice(1, -1).split(' ')
  return `(${[...parts.filter(part => part !== '').flatMap(part => known(part, member)), ...kept].join(' ')})`
}

/** An engine refuses all of a user's rules for one about a command that it does not have, where there is nothing to permit. */
function known(rule: string, { kind, version }: FamilyMember): readonly string[] {
  if (!/^[+-]/.test(rule) || kind === 'memcached') return [rule]
  const name = rule.slice(1).toLowerCase()
  if (name.startsWith('@')) return name === '@all' || hasAclCategory(name.slice(1)) ? [rule] : []
  const [command = ''] = name.split('|')
  const has = hasAclCommand(name, kind, version) || (!hasSubcommands(command) && hasAclCommand(command, kind, version))
  return has ? [rule] : []
}

/** COPY can name another database, and a rule cannot tell whether it does. */
const database0Rules = ['-select', '+select|0', '-swapdb', '-move', '-copy']
