/**
 * One request on its way through the chain: what came in, and what each handler has found out so far.
 * A handler only adds; what it needs is there because of its place in the list (`chain.ts`).
 */
import type { Caller, WireRequest } from './message.ts'
import type { MountedService } from './create-wire.ts'
import type { Content, ServerProtocol } from './protocols/server-protocol.ts'
import type { LoadedService, OperationModel } from './schema/service-model.ts'
import type { AccessKey } from './authenticate/keys.ts'
import type { CredentialScope } from './authenticate/credential-scope.ts'

export interface Exchange {
  readonly request: WireRequest
  readonly requestId: string
  readonly startedAt: number
  /** Added to the answer, whatever it is. */
  readonly headers: Record<string, string>
  /** Claimed by the request; not verified before `authenticate`. */
  scope: CredentialScope | undefined
  region: string
  /** Decides how even a refusal is spelled; Query until something else is known. */
  protocol: ServerProtocol
  mounted: MountedService<never> | undefined
  service: LoadedService | undefined
  caller: Caller | undefined
  /** The key that signed the request; undefined where everybody is believed. */
  key: AccessKey | undefined
  content: Content | undefined
  operationName: string | undefined
  operation: OperationModel | undefined
  input: unknown
  output: object | undefined
}
