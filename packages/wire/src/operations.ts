/**
 * Handler types, read off the SDK's `XxxCommand` classes: a table may leave operations out, but a name that AWS does
 * not have, an input member that does not exist or an output of the wrong type does not compile.
 * One gap is TypeScript's own: an *extra* output member beside right ones compiles. `strictOutput` finds it at run time.
 */
import type { WireCall } from './message.ts'

type Commands<Sdk> = {
  [Name in keyof Sdk as Name extends `${infer Op}Command` ? (Op extends '$' ? never : Op) : never]: Sdk[Name]
}

// From the instance: a command without required members has a constructor overload that takes nothing, and that one is inferred.
type CommandInput<Command> = Command extends new (...input: never[]) => { readonly input: infer Input } ? Input : never

type CommandOutput<Command> = Command extends new (
  ...input: never[]
) => { resolveMiddleware(...middleware: never[]): (...call: never[]) => Promise<{ output: infer Output }> }
  ? Omit<Output & object, '$metadata'>
  : never

/** Every operation that the SDK module `Sdk` has, for example `'CreateTopic'` of `typeof import('@aws-sdk/client-sns')`. */
export type OperationName<Sdk> = keyof Commands<Sdk> & string

export type InputOf<Sdk, Op extends OperationName<Sdk>> = CommandInput<Commands<Sdk>[Op]>

export type OutputOf<Sdk, Op extends OperationName<Sdk>> = CommandOutput<Commands<Sdk>[Op]>

/** One operation: the typed input in, the typed output out; errors are thrown (see `fault.ts`). */
export type Operation<Sdk, Op extends OperationName<Sdk>, Call extends WireCall = WireCall> = (
  input: InputOf<Sdk, Op>,
  call: Call,
) => Promise<OutputOf<Sdk, Op>> | OutputOf<Sdk, Op>

/** The operations a service has built. What is left out is answered with 400 by name. */
export type Operations<Sdk, Call extends WireCall = WireCall> = {
  readonly [Op in OperationName<Sdk>]?: Operation<Sdk, Op, Call>
}

/** `Operations` of some SDK, once nobody needs to know which. */
export type AnyOperations<Call extends WireCall = WireCall> = Readonly<
  Record<string, ((input: never, call: Call) => unknown) | undefined>
>
