/** What users and their groups must be like. Wording is AWS's where a comment says so, ours otherwise. */
import { type Fault, fault } from '../faults.ts'
import type { EngineName } from '../resources/replication-group.ts'
import type { UserAuthentication, UserDesired } from '../resources/user.ts'

export const passwordLength = { shortest: 16, longest: 128 } as const
const mostPasswords = 2

/** `Redis` and `REDIS` are taken too: tools send both. */
export function requireUserEngine(engine: string | undefined): EngineName {
  const lower = (engine ?? '').toLowerCase()
  if (lower === 'redis' || lower === 'valkey') return lower
  throw invalid('The parameter Engine must be one of redis, valkey.')
}

/** `(superuser)` is what engines call the user of their own connections. */
export function requireUserName(name: string | undefined): string {
  if (name === undefined || name === '') throw invalid('The parameter UserName must be provided and must not be blank.')
  if (name.length > 120) throw invalid('The parameter UserName must not be longer than 120 characters.')
  if (!/^[\x21-\x7e]+$/.test(name) || name === '(superuser)')
    throw invalid(
      'The parameter UserName is not a valid user name. It must contain only printable ASCII without spaces.',
    )
  return name
}

export interface AuthenticationRequest {
  readonly type: string | undefined
  /** Of AuthenticationMode and of the request itself. */
  readonly passwords: readonly string[] | undefined
  readonly noPasswordRequired: boolean | undefined
}

export interface UserCredentials {
  readonly authentication: UserAuthentication
  readonly passwords: readonly string[]
}

const types: Readonly<Record<string, UserAuthentication>> = {
  password: 'password',
  'no-password-required': 'no-password',
  iam: 'iam',
}

/** What a request says of logging in; undefined where it says nothing. */
export function readCredentials(request: AuthenticationRequest): UserCredentials | undefined {
  const { type, noPasswordRequired, passwords = [] } = request
  const authentication = authenticationOf(request)
  if (authentication === undefined) return undefined
  if (authentication !== 'password') {
    if (passwords.length > 0)
      throw combination(
        `Passwords cannot be given for ${noPasswordRequired ? 'a user without password' : `authentication type: ${type}`}`,
      )
    return { authentication, passwords: [] }
  }
  if (passwords.length === 0) throw combination('Passwords must be given for authentication type: password')
  if (passwords.length > mostPasswords) throw invalid(`A user can have at most ${mostPasswords} passwords.`)
  for (const password of passwords) requirePassword(password)
  return { authentication, passwords: [...new Set(passwords)] }
}

function authenticationOf({
  type,
  noPasswordRequired,
  passwords,
}: AuthenticationRequest): UserAuthentication | undefined {
  const named = type === undefined ? undefined : types[type.toLowerCase()]
  if (type !== undefined && named === undefined)
    throw invalid('AuthenticationMode Type must be one of password, no-password-required, iam.')
  if (noPasswordRequired && named !== undefined && named !== 'no-password')
    throw combination('NoPasswordRequired and AuthenticationMode contradict each other.')
  if (named !== undefined) return named
  if (noPasswordRequired) return 'no-password'
  return passwords === undefined || passwords.length === 0 ? undefined : 'password'
}

/** The words for the length are AWS's. */
function requirePassword(password: string): void {
  if (password.length < passwordLength.shortest || password.length > passwordLength.longest)
    throw invalid('Passwords length must be between 16-128 characters.')
  if (!/^[\x20-\x7e]+$/.test(password)) throw invalid('Passwords must contain only printable ASCII characters.')
}

/** Of one user. The words for IAM are AWS's. */
export function requireUserCombination({
  id,
  name,
  engine,
  authentication,
}: Pick<UserDesired, 'id' | 'name' | 'engine' | 'authentication'>): void {
  if (authentication === 'iam' && id !== name)
    throw combination('User Id and User name must be same for authentication type: iam')
  if (authentication === 'no-password' && engine === 'valkey')
    throw combination('Users of engine valkey must have a password or use IAM authentication.')
}

type Member = Pick<UserDesired, 'id' | 'name' | 'authentication'>

/** The words for the default user are AWS's. */
export function requireUserGroupMembers(engine: EngineName, members: readonly Member[]): void {
  const names = members.map(member => member.name)
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined)
    throw fault('DuplicateUserNameFault', `User group cannot contain several users with the user name ${twice}.`)
  if (engine === 'redis' && !names.includes('default'))
    throw fault('DefaultUserRequired', 'User group needs to contain a user with the user name default.')
  const open = members.find(member => member.authentication === 'no-password')
  if (engine === 'valkey' && open)
    throw combination(`User ${open.id} has no password: user groups of engine valkey need users who authenticate.`)
}

const invalid = (message: string): Fault => fault('InvalidParameterValueException', message)
const combination = (message: string): Fault => fault('InvalidParameterCombinationException', message)
