// Validation through any library that speaks Standard Schema v1 (zod, valibot, arktype, …), described structurally.
// A stored value that no longer fits is a miss: a deploy that changes a shape cannot be served the old one.
// https://standardschema.dev
import { SchemaMismatch } from '../errors.ts'

export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => Outcome<Output> | Promise<Outcome<Output>>
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

type Outcome<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string }[] }

/** The value as the schema returns it. Throws SchemaMismatch. */
export async function validated<T>(schema: StandardSchema<T>, value: unknown): Promise<T> {
  const outcome = await schema['~standard'].validate(value)
  if (outcome.issues) throw new SchemaMismatch(outcome.issues)
  return outcome.value
}
