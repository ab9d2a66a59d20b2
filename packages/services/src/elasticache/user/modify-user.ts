/**
 * Changes what a user may do, or what proves him. In force on every node of every cache that he reaches as soon as control
 * has told them; until then the user, his groups and those caches show `modifying`. Nobody is disconnected by it but
 * subscribers who lose their channel, and a user who is switched off.
 */
import {
  Bug,
  builtInUserId,
  fault,
  requireAccessString,
  requireUserCombination,
  requireUserEngine,
  requireUserGroupMembers,
  type Scope,
  type Store,
  type UserCredentials,
  type UserDesired,
  type UserRow,
} from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'
import type { Input, Operation } from '../operation.ts'
import { membersOf } from '../user-group/members.ts'
import { tellUser } from './events.ts'
import { requireUser, usersIn } from './find.ts'
import { arePasswords, credentialsIn, sealPasswords } from './passwords.ts'
import { cachesOfUser, groupsOf, modifyCaches, type Reach, readReach, statusOfUser } from './reach.ts'
import { renderUser } from './render.ts'

type Modify = Input<'ModifyUser'>

export const modifyUser: Operation<'ModifyUser'> = async (input, call) => {
  const scope = scopeOf(call)
  const credentials = credentialsIn(input)
  const { AccessString: whole, AppendAccessString: more, Engine: engine } = input
  if (whole !== undefined && more !== undefined)
    throw combination('AccessString and AppendAccessString cannot be given together.')
  if ([credentials, whole, more, engine].every(given => given === undefined))
    throw combination('No modifications were requested')
  const { answer, woken } = await call.store.transaction(store => change(store, scope, { input, credentials, call }))
  for (const arn of woken) call.wake(arn)
  return answer
}

interface Wish {
  readonly input: Modify
  readonly credentials: UserCredentials | undefined
  readonly call: Call
}

async function change(store: Store, scope: Scope, { input, credentials, call }: Wish) {
  const row = await requireUser(store, scope, input.UserId)
  const before = await readReach(store, scope)
  requireChangeable(row, before)
  const changed = { ...changesOf(row.desired, input), ...(await loginOf(store, row, credentials)) }
  requireUserCombination(changed)
  await requireGroupsAllow(store, changed, before)
  if (JSON.stringify(changed) === JSON.stringify(row.desired)) return { answer: renderUser(row, before), woken: [] }
  if (credentials && changed.passwordVersion !== row.desired.passwordVersion)
    await sealPasswords(store, row.arn, credentials)
  const written = await usersIn(store).change(row.arn, () => changed)
  if (!written) throw new Bug(`user ${row.name} vanished while it was changed`)
  const woken = await modifyCaches(store, cachesOfUser(before, row.name))
  await tellUser(store, written, `User ${row.name} modified`, call.now())
  return { answer: renderUser(written, await readReach(store, scope)), woken }
}

export function requireChangeable(row: UserRow, reach: Reach): void {
  if (row.desired.id === builtInUserId)
    throw fault('InvalidParameterValueException', 'The user default is built in and cannot be modified or deleted.')
  if (statusOfUser(row, reach) !== 'active')
    throw fault('InvalidUserStateFault', `User ${row.name} is not in active state.`)
}

function changesOf(
  desired: UserDesired,
  { AccessString: whole, AppendAccessString: more, Engine: engine }: Modify,
): UserDesired {
  const accessString = whole ?? (more === undefined ? desired.accessString : `${desired.accessString} ${more}`)
  requireAccessString(accessString)
  return { ...desired, accessString, engine: engine === undefined ? desired.engine : requireUserEngine(engine) }
}

async function loginOf(
  store: Store,
  { arn, desired }: UserRow,
  credentials: UserCredentials | undefined,
): Promise<Partial<UserDesired>> {
  if (!credentials) return {}
  const { authentication, passwords } = credentials
  if (authentication === desired.authentication && (await arePasswords(store, arn, credentials))) return {}
  return { authentication, passwordCount: passwords.length, passwordVersion: desired.passwordVersion + 1 }
}

/** A user without a password may be in no group of engine valkey. */
async function requireGroupsAllow(store: Store, changed: UserDesired, reach: Reach): Promise<void> {
  for (const group of groupsOf(reach, changed.id)) {
    const members = await membersOf(store, group, group.desired.userIds)
    requireUserGroupMembers(
      group.desired.engine,
      members.map(member => (member.desired.id === changed.id ? changed : member.desired)),
    )
  }
}

const combination = (message: string) => fault('InvalidParameterCombinationException', message)
