/**
 * The proof that parsing and writing are right: random inputs and outputs of every operation go through the real SDK
 * client over HTTP, and must be deeply equal at both ends; every modelled error must arrive as its own class.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEchoServer, type EchoServer } from '../../test/echo-server.ts'
import { randomValue, seeded } from '../../test/random-value.ts'
import { FULL, operationsOf, TESTED_SERVICES, type SdkClient, type TestedService } from '../../test/services.ts'
import type { ErrorModel, OperationModel } from '../schema/service-model.ts'

const SEEDS = FULL ? 20 : 4

/** What an SDK client changes on purpose before it sends. */
const REWRITTEN_BY_THE_SDK = new Set(['CopySnapshot'])

/** Two shapes share one query code; the SDK, given the code, picks the other one. */
const AMBIGUOUS_ERRORS = new Set(['DashboardNotFoundError'])

let server: EchoServer

beforeAll(async () => {
  server = await startEchoServer(TESTED_SERVICES)
}, 60_000)

afterAll(() => server.close())

describe.each(TESTED_SERVICES)('$label, through the SDK', service => {
  it('carries every operation both ways unchanged', { timeout: 600_000 }, async () => {
    const client = server.clientOf(service)
    const operations = await operationsOf(service)
    expect(operations.length).toBeGreaterThan(5)
    for (const operation of operations) {
      for (let seed = 1; seed <= SEEDS; seed++) await roundTrip(service, client, operation, seed)
    }
    expect(server.unhandled).toEqual([])
  })

  it('carries every modelled error with its class, message, status and members', { timeout: 600_000 }, async () => {
    const client = server.clientOf(service)
    const { errors } = await service.model.load()
    const operation = (await operationsOf(service)).find(
      ({ input }) => input.kind === 'structure' && !input.members.some(member => member.required),
    )
    expect(operation).toBeDefined()
    for (const error of errors.values())
      await errorTrip(service, client, { operation: operation as OperationModel, error })
    expect(server.unhandled).toEqual([])
  })
})

async function roundTrip(
  service: TestedService,
  client: SdkClient,
  operation: OperationModel,
  seed: number,
): Promise<void> {
  const random = seeded(seed * 7919 + hash(operation.name))
  const input = randomValue(operation.input, { random, depth: 5, spellable: service.speaksForms })
  const output = randomValue(operation.output, { random, depth: 5, spellable: false }) as object
  server.answer = output
  server.received = undefined
  const { $metadata: _, ...result } = await client.send(commandOf(service, operation.name, structuredClone(input)))
  const where = `${operation.name}, seed ${seed}`
  expect(server.received, where).toMatchObject({
    call: { operation: operation.name, service: service.model.signingName },
  })
  if (!REWRITTEN_BY_THE_SDK.has(operation.name)) expect(receivedInput(), `input of ${where}`).toStrictEqual(input)
  expect(plainBytes(result), `output of ${where}`).toStrictEqual(output)
}

async function errorTrip(
  service: TestedService,
  client: SdkClient,
  { operation, error }: { operation: OperationModel; error: ErrorModel },
): Promise<void> {
  const random = seeded(hash(error.name))
  const details = error.details ? (randomValue(error.details, { random, depth: 4, spellable: false }) as object) : {}
  const message = 'boom & <bust> "quoted"\nsecond line'
  // Thrown by name, as a domain would: no class of the SDK is needed.
  server.error = Object.assign(new Error(message), { name: error.name }, details)
  const caught = await client.send(commandOf(service, operation.name, {})).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  server.error = undefined
  const { status } = error
  expect(caught, error.name).toMatchObject({ message, $metadata: { httpStatusCode: status } })
  expect(plainBytes(caught), error.name).toMatchObject(details)
  if (!AMBIGUOUS_ERRORS.has(error.name)) expect(caught, error.name).toBeInstanceOf(service.sdk[error.name])
}

function receivedInput(): unknown {
  return plainBytes(server.received?.input)
}

function commandOf(service: TestedService, operation: string, input: unknown): unknown {
  const Command = service.sdk[`${operation}Command`] as new (input: unknown) => unknown
  return new Command(input)
}

/** The SDK and Node answer with subclasses of Uint8Array; only their bytes matter. */
function plainBytes(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value)
  if (value instanceof Date || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(plainBytes)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainBytes(item)]))
}

function hash(text: string): number {
  return [...text].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0, 7)
}
