/** Users by id, engine or filter, the built-in one among them. */
import { fault, type UserRow } from '@hotshelf/domain'
import { pageByMarker } from '@hotshelf/wire'
import { scopeOf } from '../../call.ts'
import type { Input, Operation } from '../operation.ts'
import { listUsers, requireUser } from './find.ts'
import { groupsOf, type Reach, readReach, statusOfUser } from './reach.ts'
import { renderUser } from './render.ts'

type Describe = Input<'DescribeUsers'>

export const describeUsers: Operation<'DescribeUsers'> = async (input, call) => {
  const scope = scopeOf(call)
  const reach = await readReach(call.store, scope)
  const all =
    input.UserId === undefined
      ? await listUsers(call.store, scope)
      : [await requireUser(call.store, scope, input.UserId)]
  const found = all.filter(row => matches(row, input, reach))
  const { items, Marker } = pageByMarker(found, input, { keyOf: row => row.name })
  return { Users: items.map(row => renderUser(row, reach)), Marker }
}

function matches(row: UserRow, { Engine: engine, Filters: filters = [] }: Describe, reach: Reach): boolean {
  if (engine !== undefined && row.desired.engine !== engine.toLowerCase()) return false
  return filters.every(({ Name: name = '', Values: values = [] }) => {
    const property = properties[name.toLowerCase().replaceAll('-', '')]
    if (!property)
      throw fault(
        'InvalidParameterValueException',
        `The filter ${name} is not valid: use one of ${Object.keys(properties).join(', ')}.`,
      )
    const wanted = new Set(values)
    return property(row, reach).some(value => wanted.has(value))
  })
}

/** Names are taken as `UserId` and as `user-id`. */
const properties: Readonly<Record<string, (row: UserRow, reach: Reach) => readonly string[]>> = {
  userid: ({ desired }) => [desired.id],
  username: ({ desired }) => [desired.name],
  usergroupid: ({ desired }, reach) => groupsOf(reach, desired.id).map(group => group.desired.id),
  engine: ({ desired }) => [desired.engine],
  status: (row, reach) => [statusOfUser(row, reach)],
}
