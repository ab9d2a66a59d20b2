/**
 * Who may log in as `default`, and to which databases. Keeping customers to database 0 is what makes a change to the cluster
 * protocol safe: a replica that speaks it cannot SELECT another one, and would write what follows into database 0. So the
 * databases are looked at while writes are held back, and only then closed.
 */
import { type DefaultUserAccess, type EngineCommand, Unavailable } from '@hotshelf/domain'
import { defaultUserRules } from './acl.ts'
import { type Conversation, demand } from './conversation.ts'
import { pauseWrites, resumeWrites } from './hand-over.ts'
import { parseInfo } from './info.ts'
import { textOf } from './refusals.ts'

type SetAccess = Extract<EngineCommand, { readonly do: 'set-access' }>

/** Longer than the few questions take; it ends by itself. */
const pauseMs = 2000

export async function setAccess(node: Conversation, { access, onlyDatabase0 }: SetAccess): Promise<void> {
  if (!onlyDatabase0 || node.clusterMode) return setRules(node, access, false)
  await pauseWrites(node, { do: 'pause-writes', forMs: pauseMs })
  try {
    const used = await otherDatabases(node)
    await setRules(node, access, used.length === 0)
    if (used.length > 0) throw new Unavailable(`${used.join(', ')}; the cluster protocol knows database 0 only`, 5000)
    await cutOthers(node)
  } finally {
    await resumeWrites(node)
  }
}

const setRules = (node: Conversation, access: DefaultUserAccess, onlyDatabase0: boolean): Promise<void> =>
  demand(node, 'ACL SETUSER default', [
    'ACL',
    'SETUSER',
    'default',
    ...defaultUserRules(access, node.member, onlyDatabase0),
  ])

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
