/**
 * AUTH tokens: sealed in the store under one name, newest first, one per line; at most two while a rotation lasts.
 * ROTATE adds a token and keeps the one before it, SET leaves the newest alone, DELETE ends them all as a user group takes
 * over. No client is disconnected by any of it.
 */
import { type Arn, fault, type Store } from '@hotshelf/domain'

const secretName = 'auth-token'

export const sealTokens = (store: Store, arn: Arn, tokens: readonly string[]): Promise<void> =>
  tokens.length === 0 ? store.secrets.remove(arn, secretName) : store.secrets.put(arn, secretName, tokens.join('\n'))

export async function unsealTokens(store: Store, arn: Arn): Promise<readonly string[]> {
  const sealed = await store.secrets.get(arn, secretName)
  return sealed ? sealed.split('\n') : []
}

export interface TokenChange {
  readonly tokens: readonly string[]
  readonly note: string | undefined
}

/** AWS's default strategy is ROTATE. The token itself was checked before. */
export function changeTokens(
  present: readonly string[],
  token: string,
  strategy: 'SET' | 'ROTATE' | undefined,
): TokenChange {
  const [newest] = present
  if (strategy === 'SET') {
    if (newest !== undefined && newest !== token)
      throw fault(
        'InvalidParameterValueException',
        'AuthTokenUpdateStrategy SET must be used with the AUTH token that was given last. Use ROTATE for a new one.',
      )
    return { tokens: [token], note: undefined }
  }
  if (newest === undefined) return { tokens: [token], note: requiredAtOnce }
  return { tokens: newest === token ? present : [token, newest], note: undefined }
}

/** AWS admits clients without a token until SET; the engines cannot do both, and closed is the safe side. */
const requiredAtOnce =
  'The first AUTH token is required of every client from now on: ' +
  'the engine cannot admit clients with and without a token at the same time'
