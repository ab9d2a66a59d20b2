/** As much of ACLs as a fake's few commands need: who may log in, and which of them a user may call on which keys. */
import { createHash } from 'node:crypto'
import { type CacheUser, type CustomerAccess, isSwitchedOn } from '@hotshelf/domain'
import type { FakeNode } from './node.ts'

const everybody: CacheUser = { id: 'default', name: 'default', rules: ['on', '~*', '+@all'], passwords: undefined }
const hashOf = (password: string): string => createHash('sha256').update(password).digest('hex')

function usersOf(access: CustomerAccess): readonly CacheUser[] {
  if (access.mode === 'users') return access.users.filter(user => isSwitchedOn(user.rules))
  return [access.mode === 'open' ? everybody : { ...everybody, passwords: access.tokens.map(hashOf) }]
}

const userOf = (access: CustomerAccess, name: string) => usersOf(access).find(user => user.name === name)

export const isUser = (access: CustomerAccess, name: string): boolean => userOf(access, name) !== undefined

/** Who a connection is before it says anything. */
export const greeted = (access: CustomerAccess): string | undefined =>
  userOf(access, 'default') && userOf(access, 'default')?.passwords === undefined ? 'default' : undefined

export function login(
  { access, tokens }: Pick<FakeNode, 'access' | 'tokens'>,
  [name = '', password = '']: readonly string[],
): string | undefined {
  const user = userOf(access, name)
  const passwords = user?.byToken ? (tokens.get(name) ?? []) : user?.passwords
  return user && (passwords?.includes(hashOf(password)) ?? true) ? name : undefined
}

const categories: Readonly<Record<string, readonly string[]>> = {
  '@all': ['PING', 'SELECT', 'GET', 'SET', 'DEL', 'DBSIZE'],
  '@read': ['GET', 'DBSIZE'],
  '@write': ['SET', 'DEL'],
}

/** The engine's refusal; undefined where the user may. */
export function denied(access: CustomerAccess, name: string, command: string, key: string): string | undefined {
  const rules = userOf(access, name)?.rules ?? []
  if (!mayCall(rules, command))
    return `NOPERM User ${name} has no permissions to run the '${command.toLowerCase()}' command`
  const named = ['GET', 'SET', 'DEL'].includes(command)
  return named && !mayTouch(rules, key) ? 'NOPERM No permissions to access a key' : undefined
}

function mayCall(rules: readonly string[], command: string): boolean {
  let may = false
  for (const rule of rules) {
    const name = rule.slice(1)
    if (/^[+-]/.test(rule) && (categories[name] ?? [name.toUpperCase()]).includes(command)) may = rule.startsWith('+')
  }
  return may
}

const mayTouch = (rules: readonly string[], key: string): boolean =>
  rules.some(
    rule => rule.startsWith('~') && (rule.endsWith('*') ? key.startsWith(rule.slice(1, -1)) : key === rule.slice(1)),
  )
