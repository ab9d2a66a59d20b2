/** Names for keys: `alias/…`. Those of AWS's own keys (`alias/aws/…`) cannot be made. */
import { AlreadyExists, fault } from '@hotshelf/domain'
import { wireFault } from '@hotshelf/wire'
import { scopeOf } from '../../call.ts'
import { aliasArn, kmsAliases, requireKey, requireUsable } from '../key/key.ts'
import type { Operation } from '../operation.ts'
import { pageFrom } from '../page.ts'

export const createAlias: Operation<'CreateAlias'> = async (input, call) => {
  const scope = scopeOf(call)
  const name = requireName(input.AliasName)
  const key = await requireKey(input.TargetKeyId, call)
  requireUsable(key)
  const arn = aliasArn(scope, name)
  const desired = { name, keyId: key.name, updatedAt: call.now().toISOString() }
  await kmsAliases(call.store)
    .insert({ ...scope, arn, name, desired, createdAt: call.now() })
    .catch((error: unknown) => {
      if (!(error instanceof AlreadyExists)) throw error
      throw fault('AlreadyExistsException', `An alias with the name ${arn} already exists`)
    })
  return {}
}

export const updateAlias: Operation<'UpdateAlias'> = async (input, call) => {
  const key = await requireKey(input.TargetKeyId, call)
  requireUsable(key)
  const arn = aliasArn(scopeOf(call), requireName(input.AliasName))
  const changed = await kmsAliases(call.store).change(arn, desired => ({
    ...desired,
    keyId: key.name,
    updatedAt: call.now().toISOString(),
  }))
  if (!changed) throw notFound(arn)
  return {}
}

export const deleteAlias: Operation<'DeleteAlias'> = async (input, call) => {
  const arn = aliasArn(scopeOf(call), requireName(input.AliasName))
  if (!(await kmsAliases(call.store).get(arn))) throw notFound(arn)
  await kmsAliases(call.store).remove(arn)
  return {}
}

export const listAliases: Operation<'ListAliases'> = async (input, call) => {
  const key = input.KeyId === undefined ? undefined : await requireKey(input.KeyId, call)
  const rows = await kmsAliases(call.store).list(scopeOf(call))
  const aliases = rows
    .filter(({ desired }) => !key || desired.keyId === key.name)
    .map(({ arn, createdAt, desired }) => ({
      AliasName: desired.name,
      AliasArn: arn,
      TargetKeyId: desired.keyId,
      CreationDate: createdAt,
      LastUpdatedDate: new Date(desired.updatedAt),
    }))
  const { items, ...rest } = pageFrom(aliases, input, ({ AliasName }) => AliasName)
  return { Aliases: items, ...rest }
}

function requireName(name = ''): string {
  if (!/^alias\/[a-zA-Z0-9/_-]{1,250}$/.test(name))
    throw fault(
      'InvalidAliasNameException',
      'Alias must start with the prefix "alias/" and have letters, digits, / _ and -.',
    )
  if (name.startsWith('alias/aws/'))
    throw wireFault('NotAuthorizedException', 'Aliases that begin with alias/aws/ are AWS’s.')
  return name
}

const notFound = (arn: string) => fault('NotFoundException', `Alias ${arn} is not found.`)
