/**
 * Gives running nodes parameter values and credentials, and remembers what each was given. That it is not known any more is
 * remembered first: cut off in between, a wish that went back to what it was would find the node as it was long ago.
 */
import { Bug, type NodeId } from '@hotshelf/domain'
import { identities, takenOver } from '../../access/load-users.ts'
import { givenTo } from '../report.ts'
import { appliedTo } from '../rules/applied.ts'
import { seen, tell, type Turn } from './turn.ts'

export async function configure(turn: Turn, node: NodeId): Promise<void> {
  const { directives, maxmemoryBytes, directivesDigest } = turn.context
  const maxmemory = { name: 'maxmemory', value: String(maxmemoryBytes) }
  await remember(turn, node, { directives: '' })
  await tell(turn, node, { do: 'configure', directives: [...directives.live, maxmemory] })
  for (const directive of directives.refusable) {
    await tell(turn, node, { do: 'configure', directives: [directive] }).catch(error => {
      if (!(error instanceof Bug)) throw error
    })
  }
  await remember(turn, node, { directives: directivesDigest })
}

export async function setAccess(turn: Turn, node: NodeId): Promise<void> {
  const { access, accessDigest, changesTo } = turn.context
  const names = takenOver(appliedTo(turn.look, seen(turn, node)).names, access)
  await remember(turn, node, { access: '' })
  await tell(turn, node, {
    do: 'set-access',
    access,
    ...(changesTo !== undefined && { onlyDatabase0: true }),
    ...(names.length > 0 && { takenOver: names }),
  })
  await remember(turn, node, { access: accessDigest, names: identities(access) })
}

interface Given {
  readonly access?: string
  readonly names?: Readonly<Record<string, string>>
  readonly directives?: string
  readonly certificate?: string
}

const ofCertificate = (writtenAt: string | undefined) => (writtenAt === undefined ? {} : { certificate: writtenAt })

/** What a running node was given is kept with the observation: a turn that is cut here gives it once more. */
export async function remember(turn: Turn, node: NodeId, given: Given): Promise<void> {
  const look = seen(turn, node)
  const before = appliedTo(turn.look, look)
  const startedAt = look.launched?.at.toISOString() ?? ''
  await givenTo(turn.options.store, turn.context.row.arn, node, {
    startedAt,
    access: given.access ?? before.access ?? '',
    names: given.names ?? before.names,
    ...ofCertificate(given.certificate ?? before.certificate),
    directives: given.directives ?? before.directives ?? '',
  })
}
