/**
 * A real HTTP server that remembers the input of the last call and answers with what the test has laid ready: both
 * ends of a round trip can then be compared.
 */
import { createWire, type MountedService } from '../src/create-wire.ts'
import { listen, type Listening } from '../src/listen.ts'
import type { WireCall } from '../src/message.ts'
import type { SdkClient, TestedService } from './services.ts'

export interface EchoServer {
  readonly url: string
  /** What the next calls answer with. */
  answer: object
  /** When set, what the next calls throw instead. */
  error: Error | undefined
  /** The last call that reached an operation. */
  received: { readonly call: WireCall; readonly input: unknown } | undefined
  /** Every error that was no caller's fault; a test expects none. */
  readonly unhandled: unknown[]
  clientOf(service: TestedService): SdkClient
  close(): Promise<void>
}

export async function startEchoServer(services: readonly TestedService[]): Promise<EchoServer> {
  const unhandled: unknown[] = []
  const mounted = new Map<string, MountedService>()
  const clients: SdkClient[] = []
  for (const { model } of services) {
    const names = [...(await model.load()).operations.keys()]
    mounted.set(model.signingName, { model, operations: Object.fromEntries(names.map(name => [name, echo])) })
  }
  const wire = createWire({
    services: [...mounted.values()],
    region: 'us-east-1',
    accountId: '000000000000',
    strictOutput: true,
    limits: { bodyBytes: 8 * 1024 * 1024 },
    onUnhandled: error => unhandled.push(error),
  })
  const listening: Listening = await listen({ handle: wire, bodyBytes: 8 * 1024 * 1024 })
  const server: EchoServer = {
    url: listening.url,
    answer: {},
    error: undefined,
    received: undefined,
    unhandled,
    clientOf: ({ Client, protocol }) => {
      const client = new Client({
        endpoint: listening.url,
        region: 'us-east-1',
        credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
        maxAttempts: 1,
        disableHostPrefix: true,
        ...(protocol !== undefined && { protocol }),
      })
      clients.push(client)
      return client
    },
    close: async () => {
      for (const client of clients) client.destroy()
      await listening.close()
    },
  }
  return server

  function echo(input: unknown, call: WireCall): object {
    server.received = { call, input }
    if (server.error) throw server.error
    return server.answer
  }
}
