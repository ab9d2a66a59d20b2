// Gives running nodes parameter values and credentials, and remembers what each was given.
import { Bug, type NodeId } from '@hotshelf/domain'
import { givenTo } from '../report.ts'
import { appliedTo } from '../rules/applied.ts'
import { seen, tell, type Turn } from './turn.ts'

export async function configure(turn: Turn, node: NodeId): Promise<void> {
  const { directives, maxmemoryBytes, directivesDigest } = turn.context
  const maxmemory = { name: 'maxmemory', value: String(maxmemoryBytes) }
  await tell(turn, node, { do: 'configure', directives: [...directives.live, maxmemory] })
  for (const directive of directives.refusable) {
    await tell(turn, node, { do: 'configure', directives: [directive] }).catch(error => {
      if (!(error instanceof Bug)) throw error
    })
  }
  await remember(turn, node, { directives: directivesDigest })
}

export async function setAccess(turn: Turn, node: NodeId): Promise<void> {
  const onlyDatabase0 = turn.context.changesTo !== undefined
  await tell(turn, node, { do: 'set-access', access: turn.context.access, ...(onlyDatabase0 && { onlyDatabase0 }) })
  await remember(turn, node, { access: turn.context.accessDigest })
}

/** What a running node was given is kept with the observation: a turn that is cut here gives it once more. */
async function remember(turn: Turn, node: NodeId, given: { access?: string; directives?: string }): Promise<void> {
  const look = seen(turn, node)
  const before = appliedTo(turn.look, look)
  const startedAt = look.launched?.at.toISOString() ?? ''
  await givenTo(turn.options.store, turn.context.row.arn, node, {
    startedAt,
    access: given.access ?? before.access ?? '',
    directives: given.directives ?? before.directives ?? '',
  })
}
