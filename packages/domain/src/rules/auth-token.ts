/**
 * The AUTH token: 16 to 128 printable characters, letters, digits and a few signs. It is only ever checked here;
 * where it is kept, and how it is rotated, is not the domain's business.
 */
import { fault } from '../faults.ts'

export const authTokenLength = { shortest: 16, longest: 128 } as const

/** `!`, `&`, `#`, `$`, `^`, `<`, `>` and `-`, as the service model lists them. */
const allowed = /^[A-Za-z0-9!&#$^<>-]*$/

/** The message begins as AWS's does; what follows says which rule was broken, without showing the token. */
export function requireAuthToken(token: string): void {
  const { shortest, longest } = authTokenLength
  const broken =
    token.length < shortest || token.length > longest
      ? `It must be ${shortest} to ${longest} characters long.`
      : allowed.test(token)
        ? undefined
        : 'It must contain only printable ASCII letters, digits and the characters ! & # $ ^ < > -'
  if (broken !== undefined) throw fault('InvalidParameterValueException', `Invalid AuthToken provided. ${broken}`)
}
