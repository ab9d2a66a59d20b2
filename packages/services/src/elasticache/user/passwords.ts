/** Passwords of users: only their SHA-256 is kept, sealed, which is all that an engine needs to know them by. */
import { createHash } from 'node:crypto'
import { type Arn, passwordsSecret, readCredentials, type Store, type UserCredentials } from '@hotshelf/domain'
import type { Input } from '../operation.ts'

type Given = Pick<Input<'CreateUser'>, 'Passwords' | 'NoPasswordRequired' | 'AuthenticationMode'>

/** Undefined where the request says nothing of logging in. */
export function credentialsIn({
  Passwords,
  NoPasswordRequired,
  AuthenticationMode: mode,
}: Given): UserCredentials | undefined {
  return readCredentials({
    type: mode?.Type,
    passwords: mode?.Passwords?.length ? mode.Passwords : Passwords,
    noPasswordRequired: NoPasswordRequired,
  })
}

const hashOf = (password: string): string => createHash('sha256').update(password).digest('hex')

export async function sealPasswords(store: Store, arn: Arn, { passwords }: UserCredentials): Promise<void> {
  if (passwords.length === 0) await store.secrets.remove(arn, passwordsSecret)
  else await store.secrets.put(arn, passwordsSecret, passwords.map(hashOf).join('\n'))
}

/** True where these are the passwords already, in whatever order. */
export async function arePasswords(store: Store, arn: Arn, { passwords }: UserCredentials): Promise<boolean> {
  const sealed = (await store.secrets.get(arn, passwordsSecret))?.split('\n') ?? []
  return JSON.stringify(sealed.toSorted()) === JSON.stringify(passwords.map(hashOf).toSorted())
}
