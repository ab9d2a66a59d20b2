/**
 * The same round trips through a second, independent client: botocore, which Python programs and the AWS CLI are made
 * of. It is driven by test/botocore_client.py.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEchoServer, type EchoServer } from '../../test/echo-server.ts'
import { randomValue, seeded } from '../../test/random-value.ts'
import { FULL, operationsOf, TESTED_SERVICES } from '../../test/services.ts'
import { reasonToSkip } from '../../test/tools.ts'
import type { OperationModel } from '../schema/service-model.ts'

const SEEDS = FULL ? 4 : 1
const skip = reasonToSkip('python3 with botocore', 'python3', ['-c', 'import botocore'])

/** botocore changes these on purpose: it unpacks or adds to what the server sent or the caller gave. */
const REWRITTEN_BY_BOTOCORE = new Set(['GetConsoleOutput', 'CopySnapshot', 'RunInstances', 'RequestSpotInstances'])

/** What botocore calls a service that it does not call by its signing name. */
const NAMES: Readonly<Record<string, string>> = { monitoring: 'cloudwatch' }

interface Answer {
  readonly input?: unknown
  readonly wrong?: string | null
  readonly unknown?: boolean
  readonly failed?: string
  readonly code?: string
  readonly status?: number
  readonly message?: string
}

// botocore chooses the protocol by itself, so a service that speaks several is tried once.
const services = TESTED_SERVICES.filter(service => service.protocol === undefined)

describe.skipIf(skip)('botocore', () => {
  let server: EchoServer
  let python: ChildProcessWithoutNullStreams
  let answers: AsyncIterator<string>

  beforeAll(async () => {
    server = await startEchoServer(services)
    python = spawn('python3', [fileURLToPath(new URL('../../test/botocore_client.py', import.meta.url))])
    answers = createInterface({ input: python.stdout })[Symbol.asyncIterator]()
  })

  afterAll(async () => {
    python.kill()
    await server.close()
  })

  async function ask(service: string, operation: string, values: { input: unknown; output: unknown }): Promise<Answer> {
    python.stdin.write(
      `${JSON.stringify({ url: server.url, service: NAMES[service] ?? service, operation, input: toJson(values.input), output: toJson(values.output) })}\n`,
    )
    return JSON.parse(String((await answers.next()).value)) as Answer
  }

  it.each(services)(
    'carries every operation that it knows both ways unchanged: $label',
    { timeout: 600_000 },
    async service => {
      let tried = 0
      const operations = (await operationsOf(service)).filter(({ name }) => !REWRITTEN_BY_BOTOCORE.has(name))
      for (const operation of operations) {
        for (let seed = 1; seed <= SEEDS; seed++) tried += await roundTrip(service.model.signingName, operation, seed)
      }
      expect(server.unhandled).toEqual([])
      expect(tried).toBeGreaterThan(operations.length * SEEDS * 0.6)
    },
  )

  it.each(services)('understands every modelled error: $label', { timeout: 600_000 }, async service => {
    const { errors } = await service.model.load()
    const operation = (await operationsOf(service)).find(
      ({ input }) => input.kind === 'structure' && !input.members.some(member => member.required),
    )
    for (const error of errors.values()) {
      server.error = Object.assign(new Error('boom & <bust>'), { name: error.name })
      const answer = await ask(service.model.signingName, operation?.name ?? '', { input: {}, output: {} })
      server.error = undefined
      expect(answer, error.name).toMatchObject({
        message: 'boom & <bust>',
        status: error.status,
      })
      expect([error.code, error.name], error.name).toContain(answer.code)
    }
  })

  /** How many calls were compared: none for an operation that this botocore does not know. */
  async function roundTrip(service: string, operation: OperationModel, seed: number): Promise<number> {
    const random = seeded(seed * 104_729 + operation.name.length)
    const input = randomValue(operation.input, { random, depth: 4, spellable: true, whole: true })
    const output = randomValue(operation.output, { random, depth: 4, spellable: false, whole: true }) as object
    server.answer = output
    server.received = undefined
    const answer = await ask(service, operation.name, { input, output })
    if (answer.unknown) return 0
    const where = `${operation.name}, seed ${seed}`
    expect(answer, where).not.toHaveProperty('failed')
    expect(answer, where).not.toHaveProperty('code')
    expect(toJson((server.received as EchoServer['received'])?.input), `input of ${where}`).toEqual(answer.input)
    expect(answer.wrong, `output of ${where}`).toBeNull()
    return 1
  }
})

/** Times and bytes as the Python side writes them. */
function toJson(value: unknown): unknown {
  if (value instanceof Date) return { $time: value.getTime() }
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') }
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]))
}
