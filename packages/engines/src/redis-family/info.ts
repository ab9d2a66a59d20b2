/**
 * Reads the text of INFO: `name:value` lines under `# Section` headings. Pure; unknown lines are ignored, because every
 * release adds some.
 */
import type { EngineView } from '@hotshelf/domain'

export type Info = ReadonlyMap<string, string>

export type Replication = Pick<EngineView, 'role' | 'offset' | 'following' | 'followers'>

export function parseInfo(text: string): Info {
  const fields = new Map<string, string>()
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon > 0 && !line.startsWith('#')) fields.set(line.slice(0, colon), line.slice(colon + 1))
  }
  return fields
}

export const numberIn = (info: Info, field: string): number => Number(info.get(field) ?? 0)

/** Valkey reports `redis_version:7.2.4` for old clients and its own version beside it. */
export const versionIn = (info: Info): string => info.get('valkey_version') ?? info.get('redis_version') ?? ''

/**
 * Danger: after a diskless copy a primary calls the replica online, and the replica its link up, although the stream may
 * begin only with the replica's next acknowledgement, up to a second later; until then nothing that is written reaches it.
 * Neither the state nor the offsets show that. The replica's own backlog does: a whole copy throws it away, and it fills
 * again with what the stream brings; a primary that nobody writes to pings its replicas every second.
 */
export function replicationIn(info: Info): Replication {
  if (info.get('role') === 'master') {
    return {
      role: 'primary',
      offset: numberIn(info, 'master_repl_offset'),
      following: undefined,
      followers: followersIn(info),
    }
  }
  return {
    role: 'replica',
    // What it has applied, not what it has merely read from the socket.
    offset: numberIn(info, 'slave_repl_offset'),
    following: {
      host: info.get('master_host') ?? '',
      port: numberIn(info, 'master_port'),
      linkUp: info.get('master_link_status') === 'up',
      receiving: numberIn(info, 'repl_backlog_histlen') > 0,
    },
    followers: followersIn(info),
  }
}

/**
 * `slave0:ip=127.0.0.2,port=6379,state=online,offset=14,lag=0`; numbers without gaps are not promised by the engine.
 * `online` says that the copy was sent, no more: see `replicationIn`.
 */
function followersIn(info: Info): EngineView['followers'] {
  const followers: EngineView['followers'][number][] = []
  for (const [field, value] of info) {
    if (!/^slave\d+$/.test(field)) continue
    const parts = new Map(value.split(',').map(part => splitOnce(part, '=')))
    followers.push({
      host: parts.get('ip') ?? '',
      port: Number(parts.get('port') ?? 0),
      online: parts.get('state') === 'online',
      offset: Number(parts.get('offset') ?? 0),
      lagSeconds: Number(parts.get('lag') ?? 0),
    })
  }
  return followers
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
