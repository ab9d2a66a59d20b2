/**
 * Who may call, and what each key may do. Without access keys any credentials are accepted, and none at all, as every
 * tool of this field expects of a server on one's own machine. Once there is one, each request must be signed by one of
 * them. The store is asked with every request: a key that was revoked, here or by another process, is out at once.
 */
import {
  type AccessKeyDesired,
  accessKeyArn,
  accessKeySecret,
  judge,
  type Policy,
  type Store,
  userArn,
} from '@hotshelf/domain'
import { askedResources } from '@hotshelf/services'
import type { AccessKey, AuthenticateOptions, Denial, WireCall } from '@hotshelf/wire'
import { accessKeyRows, hasAccessKeys } from './access-keys/access-keys.ts'

export function identities(store: Store, accountId: string): AuthenticateOptions {
  return {
    believesEverybody: async () => !(await hasAccessKeys(store, accountId)),
    async keys(accessKeyId) {
      const arn = accessKeyArn(accountId, accessKeyId)
      const row = await accessKeyRows(store).get(arn)
      if (!row) return undefined
      const secretAccessKey = await store.secrets.get(arn, accessKeySecret)
      return secretAccessKey === undefined ? undefined : accessKey(row, { accountId, secretAccessKey })
    },
  }
}

function accessKey(
  row: { readonly name: string; readonly desired: AccessKeyDesired },
  { accountId, secretAccessKey }: { readonly accountId: string; readonly secretAccessKey: string },
): AccessKey {
  const { policy, userName } = row.desired
  return {
    accessKeyId: row.name,
    secretAccessKey,
    accountId,
    arn: userArn(accountId, userName),
    ...(policy && { deny: (call, input) => denial(policy, call, input) }),
  }
}

/** Whoever holds a key may ask whose it is, as on AWS. */
const neverDenied = new Set(['sts:GetCallerIdentity'])

/** Every resource of the call must be allowed; a denial names the first that is not. */
function denial(policy: Policy, call: WireCall, input: unknown): Denial | undefined {
  const action = `${call.service}:${call.operation}`
  if (neverDenied.has(action)) return undefined
  const judged = askedResources(call, input).map(resource => ({
    resource,
    verdict: judge(policy, { action, resource }),
  }))
  const first = judged.find(({ verdict }) => verdict === 'explicit-deny') ?? judged.find(it => it.verdict !== 'allowed')
  return first && { resource: first.resource, kind: first.verdict === 'explicit-deny' ? 'explicit' : 'implicit' }
}
