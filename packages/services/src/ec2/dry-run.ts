/**
 * DryRun, for every operation alike: the call is really made, in a transaction that is then undone, so the answer
 * "would have succeeded" is true, and a refusal is the one that the call itself would have met.
 */
import { type AnyOperations, wireFault } from '@hotshelf/wire'
import type { Call } from '../call.ts'

type Operation = NonNullable<AnyOperations<Call>[string]>

export const withDryRun = (operations: AnyOperations<Call>): AnyOperations<Call> =>
  Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => [
      name,
      operation && ((input, call) => (isDry(input) ? rehearse(operation, input, call) : operation(input, call))),
    ]),
  )

const isDry = (input: { readonly DryRun?: boolean | undefined }): boolean => input.DryRun === true

const rehearse = (operation: Operation, input: never, call: Call): Promise<never> =>
  call.store.transaction(async store => {
    await operation(input, { ...call, store, wake: () => {} })
    throw wireFault('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', { status: 412 })
  })
