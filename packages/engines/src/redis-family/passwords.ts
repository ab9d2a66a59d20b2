/**
 * The passwords of one user, exactly: what he has too much is taken, what he lacks is given. A few at a time, because an
 * engine compares each new one with all it has and serves nobody meanwhile (2000 at once: some hundredths of a second).
 */
import { Bug, type EngineCommand, Unavailable } from '@hotshelf/domain'
import type { Reply } from '../control-connection.ts'
import { type Conversation, demand } from './conversation.ts'
import { textOf } from './refusals.ts'

type SetPasswords = Extract<EngineCommand, { readonly do: 'set-passwords' }>

const atOnce = 200

export async function setPasswords(node: Conversation, wish: SetPasswords): Promise<void> {
  const present = new Set(await passwordsOf(node, wish.name))
  const wanted = new Set(wish.hashes)
  const changes = [
    ...[...present].filter(hash => !wanted.has(hash)).map(hash => `!${hash}`),
    ...[...wanted].filter(hash => !present.has(hash)).map(hash => `#${hash}`),
  ]
  for (let i = 0; i < changes.length; i += atOnce)
    await demand(node, 'ACL SETUSER', ['ACL', 'SETUSER', wish.name, ...changes.slice(i, i + atOnce)])
  await endLong(node, wish)
}

/** `ACL GETUSER` is names and values in turn; nothing for a user that is not there yet. */
async function passwordsOf(node: Conversation, name: string): Promise<readonly string[]> {
  const reply = await node.ask('ACL', 'GETUSER', name)
  if (reply === null) throw new Unavailable(`there is no user ${name} yet`)
  if (!Array.isArray(reply)) textOf('ACL GETUSER', reply)
  const fields = reply as readonly Reply[]
  const passwords = fields[fields.indexOf('passwords') + 1]
  if (!Array.isArray(passwords)) throw new Bug('ACL GETUSER tells no passwords')
  return passwords.map(String)
}

/** By age: an engine does not tell when somebody last logged in. */
async function endLong(node: Conversation, { name, longestConnectionSeconds }: SetPasswords): Promise<void> {
  const clients = textOf('CLIENT LIST', await node.ask('CLIENT', 'LIST')).split('\n')
  for (const line of clients) {
    const fields = new Map(
      line.split(' ').map(field => [field.slice(0, field.indexOf('=')), field.slice(field.indexOf('=') + 1)]),
    )
    if (fields.get('user') !== name || Number(fields.get('age')) < longestConnectionSeconds) continue
    await demand(node, 'CLIENT KILL', ['CLIENT', 'KILL', 'ID', fields.get('id') ?? ''], refused =>
      /No such client/i.test(refused),
    )
  }
}
