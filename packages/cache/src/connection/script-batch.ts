// Runs of one script in one tick as one command: a hundred callers cost one trip, and the server reads its clock once.
// Each run is still a step of its own, in the order they came; one that fails does not touch the others.
//
// In a cluster each run goes by itself, for its keys decide the shard.
import type { Argument, Reply } from '../client/port.ts'
import { type Script, script } from '../client/script.ts'
import { EngineError } from '../errors.ts'
import { answer, type Asker, evaluation } from './call.ts'
import type { Connection } from './connection.ts'
import { Gather } from './gather.ts'

export interface BatchedScript {
  readonly one: Script
  readonly many: Script
}

export interface ScriptText {
  /** Runs once, before the body: functions, the time. */
  readonly head?: string
  /** Reads KEYS and ARGV, and answers a number or a list, never text. */
  readonly body: string
  /** How many keys a run has, and how many arguments, of which the first `shared` are the same for all of a batch. */
  readonly keys: number
  readonly args: number
  readonly shared?: number
}

export function batchedScript({ head = '', body, keys, args, shared = 0 }: ScriptText): BatchedScript {
  const own = args - shared
  const key = Array.from({ length: keys }, (_, k) => `KEYS[i * ${keys} + ${k + 1}]`)
  const first = Array.from({ length: shared }, (_, a) => `ARGV[${a + 1}]`)
  const rest = Array.from({ length: own }, (_, a) => `ARGV[${shared} + i * ${own} + ${a + 1}]`)
  const many = `${head}
local function one(KEYS, ARGV)
${body}
end
local answers = {}
for i = 0, #KEYS / ${keys} - 1 do
  local ok, answer = pcall(one, {${key.join(', ')}}, {${[...first, ...rest].join(', ')}})
  if not ok then answer = type(answer) == 'table' and answer.err or tostring(answer) end
  answers[i + 1] = answer
end
return answers
`
  return { one: script(`${head}\n${body}`), many: script(many) }
}

/** A run, and who is told of its answer. */
export interface Run extends Asker {
  readonly keys: readonly string[]
  /** Those of its own, without the shared ones. */
  readonly args: readonly Argument[]
}

/** The server does nothing else while a script runs: a few hundred microseconds at most. */
const LARGEST = 64

export class ScriptBatch {
  readonly #connection: Connection
  readonly #script: BatchedScript
  readonly #shared: readonly Argument[]
  readonly #idempotent: boolean
  readonly #runs: Gather<Run> | undefined

  constructor(
    connection: Connection,
    what: { readonly script: BatchedScript; readonly shared?: readonly Argument[]; readonly idempotent?: boolean },
  ) {
    this.#connection = connection
    this.#script = what.script
    this.#shared = what.shared ?? []
    this.#idempotent = what.idempotent ?? false
    const departure = { one: (run: Run) => this.#one(run), many: (runs: readonly Run[]) => this.#many(runs) }
    this.#runs = connection.client.cluster ? undefined : new Gather(connection, departure)
  }

  run(run: Run): void {
    if (this.#runs === undefined) this.#one(run)
    else this.#runs.add(run)
  }

  #one(run: Run): void {
    const args = this.#shared.length === 0 ? run.args : [...this.#shared, ...run.args]
    this.#connection.ask(evaluation(this.#script.one, run.keys, args, this.#idempotent), run)
  }

  #many(runs: readonly Run[]): void {
    for (let i = 0; i < runs.length; i += LARGEST) this.#together(runs.slice(i, i + LARGEST))
  }

  #together(runs: readonly Run[]): void {
    const keys = runs.flatMap(run => run.keys)
    const args = [...this.#shared, ...runs.flatMap(run => run.args)]
    const asker: Asker = {
      onReply: reply => runs.forEach((run, i) => tell(run, (reply as readonly Reply[])[i])),
      onFailure: error => runs.forEach(run => run.onFailure(error)),
    }
    this.#connection.ask(evaluation(this.#script.many, keys, args, this.#idempotent), asker)
  }
}

function tell(run: Run, said: Reply | undefined): void {
  if (said === undefined) run.onFailure(new EngineError('ERR the script did not answer for every run'))
  else if (typeof said === 'string' || Buffer.isBuffer(said)) run.onFailure(new EngineError(said.toString()))
  else answer(run, said)
}
