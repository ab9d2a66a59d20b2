/** The key that a request names, as its ARN: AWS takes an id, an ARN or an alias, and tells the ARN. */
import { fault, kmsKeyState } from '@hotshelf/domain'
import type { Call } from '../call.ts'
import { findKey } from '../kms/key/key.ts'

/** One text for every key that cannot be used: AWS's. */
export async function requireKmsKey(given: string | undefined, call: Call): Promise<string | undefined> {
  if (!given) return undefined
  const key = await findKey(given, call)
  if (key && kmsKeyState(key.desired) === 'Enabled') return key.arn
  throw fault('InvalidParameterValueException', `KMS key does not exist with key id: ${given}`)
}
