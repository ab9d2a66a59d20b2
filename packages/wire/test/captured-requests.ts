/** Requests as the SDK really sends them, bytes and signature and all, without a server. */
import type { HttpRequest } from '@smithy/types'
import type { WireRequest } from '../src/message.ts'
import { randomValue, seeded } from './random-value.ts'
import { operationsOf, type TestedService } from './services.ts'

const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }

/** One request of each of some operations, with random input. */
export async function captureRequests(service: TestedService, count: number): Promise<readonly WireRequest[]> {
  const captured: WireRequest[] = []
  const handle = (request: HttpRequest) => {
    captured.push(received(request))
    return Promise.reject(new Error('captured'))
  }
  const client = new service.Client({
    endpoint: 'http://localhost:4510',
    region: 'us-east-1',
    credentials: CREDENTIALS,
    maxAttempts: 1,
    requestHandler: { handle },
    ...(service.protocol !== undefined && { protocol: service.protocol }),
  })
  const random = seeded(count)
  const operations = await operationsOf(service)
  for (let index = 0; index < count; index++) {
    const operation = random.pick(operations)
    const input = randomValue(operation.input, { random, depth: 3, spellable: service.speaksForms })
    const Command = service.sdk[`${operation.name}Command`] as new (input: unknown) => unknown
    await client.send(new Command(input)).catch(() => undefined)
  }
  client.destroy()
  return captured
}

function received({ method, path, headers, body }: HttpRequest): WireRequest {
  return {
    method,
    path,
    query: '',
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body:
      typeof body === 'string'
        ? new TextEncoder().encode(body)
        : new Uint8Array((body as Uint8Array | undefined) ?? []),
  }
}
