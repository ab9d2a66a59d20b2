/** A user as AWS shows it. The access string comes back as it was given: tools compare it text for text. */
import type { User } from '@aws-sdk/client-elasticache'
import type { UserRow } from '@hotshelf/domain'
import { groupsOf, type Reach, statusOfUser } from './reach.ts'

/** ACLs came with it. */
export const minimumEngineVersion = '6.0'

export function renderUser(row: UserRow, reach: Reach): User {
  const { id, name, engine, accessString, authentication, passwordCount } = row.desired
  return {
    UserId: id,
    UserName: name,
    Status: statusOfUser(row, reach),
    Engine: engine,
    MinimumEngineVersion: minimumEngineVersion,
    AccessString: accessString,
    UserGroupIds: groupsOf(reach, id).map(group => group.desired.id),
    Authentication: {
      Type: authentication,
      ...(authentication === 'password' && { PasswordCount: passwordCount }),
    },
    ARN: row.arn,
  }
}
