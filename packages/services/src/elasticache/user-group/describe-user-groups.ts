/** User groups, with the caches that have them. */
import { pageByMarker } from '@hotshelf/wire'
import { scopeOf } from '../../call.ts'
import type { Operation } from '../operation.ts'
import { listUsers } from '../user/find.ts'
import { readReach } from '../user/reach.ts'
import { requireUserGroup } from './find.ts'
import { renderUserGroup } from './render.ts'

export const describeUserGroups: Operation<'DescribeUserGroups'> = async (input, call) => {
  const scope = scopeOf(call)
  const [users, reach] = [await listUsers(call.store, scope), await readReach(call.store, scope)]
  const found =
    input.UserGroupId === undefined ? reach.groups : [await requireUserGroup(call.store, scope, input.UserGroupId)]
  const { items, Marker } = pageByMarker(found, input, { keyOf: row => row.name })
  return { UserGroups: items.map(row => renderUserGroup(row, reach, users)), Marker }
}
