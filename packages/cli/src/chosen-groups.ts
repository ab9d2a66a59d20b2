/** The groups that a command is about; whoever names one that is not there is told which there are. */
import type { GroupReport } from '@hotshelf/server'
import type { Server } from './api.ts'
import { Failed } from './failed.ts'

export async function chosenGroups(server: Server, id: string | undefined): Promise<readonly GroupReport[]> {
  const all = await server.groups()
  if (id === undefined) return all
  const chosen = all.filter(group => group.id === id.toLowerCase() || group.arn === id)
  if (chosen.length > 0) return chosen
  const names = all.map(group => group.id).join(', ')
  throw new Failed(
    `There is no replication group "${id}" at ${server.endpoint}.`,
    names ? `There are: ${names}.` : 'There is none at all yet: `aws elasticache create-replication-group` makes one.',
  )
}

export async function chosenGroup(server: Server, id: string): Promise<GroupReport> {
  const [group, other] = await chosenGroups(server, id)
  if (group && !other) return group
  throw new Failed(
    `There are several groups "${id}", in different regions.`,
    'Name one by its ARN: `hotshelf status --json`.',
  )
}
