/**
 * Who may log in, and to which databases. Keeping customers to database 0 is what makes a change to the cluster
 * protocol safe: a replica that speaks it cannot SELECT another one, and would write what follows into database 0. So the
 * databases are looked at while writes are held back, and only then closed.
 */
import { type EngineCommand, Unavailable } from '@hotshelf/domain'
import type { Reply } from '../control-connection.ts'
import { controlUser, customerUsers } from './acl.ts'
import { type Conversation, demand } from './conversation.ts'
import { pauseWrites, resumeWrites } from './hand-over.ts'
import { parseInfo } from './info.ts'
import { failure, refusalOf, textOf } from './refusals.ts'

type SetAccess = Extract<EngineCommand, { readonly do: 'set-access' }>

/** Longer than the few questions take; it ends by itself. */
const pauseMs = 2000

export async function setAccess(node: Conversation, wish: SetAccess): Promise<void> {
  if (!wish.onlyDatabase0 || node.clusterMode) return setUsers(node, wish, false)
  await pauseWrites(node, { do: 'pause-writes', forMs: pauseMs })
  try {
    const used = await otherDatabases(node)
    await setUsers(node, wish, used.length === 0)
    if (used.length > 0) throw new Unavailable(`${used.join(', ')}; the cluster protocol knows database 0 only`, 5000)
    await cutOthers(node)
  } finally {
    await resumeWrites(node)
  }
}

/**
 * All in one write. Changing a user disconnects nobody but subscribers of a channel he may hear no more, so whoever must go
 * is cut: deleting a user cuts him, switching him off does not.
 */
async function setUsers(
  node: Conversation,
  { access, takenOver = [] }: SetAccess,
  onlyDatabase0: boolean,
): Promise<void> {
  const users = customerUsers(access, node.member, onlyDatabase0, takenOver)
  const kept = new Set([controlUser, ...users.map(user => user.name)])
  const gone = (await userNames(node)).filter(name => !kept.has(name))
  const cut = users.filter(({ name, off }) => off || takenOver.includes(name)).map(user => user.name)
  const commands = [
    ...users.map(({ name, rules }) => ['ACL', 'SETUSER', name, ...rules] as const),
    ...(gone.length > 0 ? [['ACL', 'DELUSER', ...gone] as const] : []),
    ...cut.map(name => ['CLIENT', 'KILL', 'USER', name] as const),
  ]
  const replies: readonly Reply[] = await node.askAll(commands)
  for (const [i, reply] of replies.entries()) {
    const refusal = refusalOf(reply)
    if (refusal) throw failure(`${commands[i]?.slice(0, 3).join(' ')}`, refusal.refused)
  }
}

async function userNames(node: Conversation): Promise<readonly string[]> {
  const reply = await node.ask('ACL', 'USERS')
  if (!Array.isArray(reply)) textOf('ACL USERS', reply)
  return (reply as readonly Reply[]).map(String)
}

/** `database 3 holds 12 keys`; `db3:keys=12,expires=0,avg_ttl=0` in INFO. */
async function otherDatabases(node: Conversation): Promise<readonly string[]> {
  const info = parseInfo(textOf('INFO', await node.ask('INFO', 'keyspace')))
  return [...info].flatMap(([name, value]) => {
    const [, database, keys] = /^db(\d+) keys=(\d+)/.exec(`${name} ${value}`) ?? []
    return database === undefined || database === '0' ? [] : [`database ${database} holds ${keys} keys`]
  })
}

/** Rules hold for connections that stand, but a database once selected stays selected. */
async function cutOthers(node: Conversation): Promise<void> {
  const clients = textOf('CLIENT LIST', await node.ask('CLIENT', 'LIST')).split('\n')
  for (const line of clients) {
    const id = /^id=(\d+) /.exec(line)?.[1]
    // A replica's link to its primary stands in whichever database the stream is.
    if (id === undefined || !/ db=[1-9]/.test(line) || / flags=\w*[MS]/.test(line)) continue
    await demand(node, 'CLIENT KILL', ['CLIENT', 'KILL', 'ID', id])
  }
}
