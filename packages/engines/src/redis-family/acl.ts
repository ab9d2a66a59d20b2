/**
 * Users of a node as ACL rules: control's own, and `default`, which is every customer of a group without RBAC.
 * Passwords appear only as SHA-256, here and on the wire: the engine echoes a rule it cannot read.
 */
import { createHash } from 'node:crypto'
import type { DefaultUserAccess } from '@hotshelf/domain'
import { restrictions } from './restricted-commands.ts'
import type { FamilyMember } from './versions.ts'

/**
 * The engine itself writes `(superuser)` where a connection belongs to no user (replication links, loading), so control's
 * connection looks like one of its internal clients in CLIENT LIST and ACL LOG. Customers cannot become it without the password.
 */
export const controlUser = '(superuser)'

const passwordRule = (password: string): string => `#${createHash('sha256').update(password).digest('hex')}`

export const controlUserRules = (controlPassword: string): readonly string[] => [
  'on',
  passwordRule(controlPassword),
  '~*',
  '&*',
  '+@all',
]

/**
 * Complete, so that one ACL SETUSER takes the user from any state to this one. The engine applies all rules at once and
 * does not disconnect anybody who is logged in: a client keeps its connection through a token's whole rotation.
 */
export function defaultUserRules(
  access: DefaultUserAccess,
  member: FamilyMember,
  onlyDatabase0 = false,
): readonly string[] {
  const passwords = access.mode === 'open' ? ['nopass'] : access.tokens.map(passwordRule)
  const databases = onlyDatabase0 ? database0Rules : []
  return ['on', 'resetpass', ...passwords, '~*', '&*', '+@all', ...restrictions(member), ...databases]
}

/** COPY can name another database, and a rule cannot tell whether it does. */
const database0Rules = ['-select', '+select|0', '-swapdb', '-move', '-copy']
