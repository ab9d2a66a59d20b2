/** A name to log in with, and what may be done with it. Nobody can until a user group has the user, and a cache the group. */
import {
  AlreadyExists,
  builtInUserId,
  elasticacheArn,
  fault,
  requireAccessString,
  requireIdentifier,
  requireUserCombination,
  requireUserEngine,
  requireUserName,
  requireWithinQuota,
} from '@hotshelf/domain'
import { scopeOf } from '../../call.ts'
import type { Operation } from '../operation.ts'
import { readTags } from '../tag/tags.ts'
import { tellUser } from './events.ts'
import { usersIn } from './find.ts'
import { credentialsIn, sealPasswords } from './passwords.ts'
import { readReach } from './reach.ts'
import { renderUser } from './render.ts'

export const createUser: Operation<'CreateUser'> = async (input, call) => {
  const scope = scopeOf(call)
  const id = requireIdentifier('UserId', input.UserId)
  const [name, engine] = [requireUserName(input.UserName), requireUserEngine(input.Engine)]
  const credentials = credentialsIn(input)
  if (!credentials)
    throw fault(
      'InvalidParameterCombinationException',
      'One of Passwords, NoPasswordRequired or AuthenticationMode must be provided.',
    )
  const accessString = input.AccessString ?? ''
  requireAccessString(accessString)
  requireUserCombination({ id, name, engine, authentication: credentials.authentication })
  const tags = readTags(input.Tags)
  if (id === builtInUserId) throw alreadyExists(id)
  return call.store.transaction(async store => {
    const users = usersIn(store)
    requireWithinQuota('users', (await users.list(scope)).length + 1)
    const arn = elasticacheArn(scope, 'user', id)
    const { authentication, passwords } = credentials
    const desired = {
      id,
      name,
      engine,
      accessString,
      authentication,
      passwordCount: passwords.length,
      passwordVersion: 1,
    }
    const row = await users
      .insert({ ...scope, arn, name: id, desired, createdAt: call.now() })
      .catch((error: unknown) => {
        throw error instanceof AlreadyExists ? alreadyExists(id) : error
      })
    await sealPasswords(store, arn, credentials)
    await store.tags.set(arn, tags)
    await tellUser(store, row, `User ${id} created`, call.now())
    return renderUser(row, await readReach(store, scope))
  })
}

const alreadyExists = (id: string) => fault('UserAlreadyExistsFault', `User ${id} already exists.`)
