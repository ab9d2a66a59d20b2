/**
 * The services behind a real wire on a loopback port, on an SQLite store in memory, with the SDK's own client in front.
 * Control is faked by `settle`. A clock that tests can set, and a record of every ring of the doorbell.
 */
import { randomBytes } from 'node:crypto'
import { ElastiCacheClient } from '@aws-sdk/client-elasticache'
import type { Arn, InstalledEngine, Scope } from '@hotshelf/domain'
import { type OpenStore, openStore } from '@hotshelf/store'
import { createWire, listen, type MountedService, type WireCall } from '@hotshelf/wire'
import { awaitingControl } from '../src/elasticache/awaiting-control.ts'
import { type Call, mountedServices, type Settings } from '../src/index.ts'

export const scope: Scope = { account: '000000000000', region: 'us-east-1' }

export const engines: readonly InstalledEngine[] = [
  { kind: 'valkey', version: '8.0.1', path: '/usr/bin/valkey-server' },
  { kind: 'redis', version: '7.0.15', path: '/usr/bin/redis-server' },
]

export interface InProcess {
  readonly elasticache: ElastiCacheClient
  readonly url: string
  readonly store: OpenStore
  /** Every ARN that was woken, in order. */
  readonly woken: Arn[]
  /** Set it to stop time. */
  now: Date | undefined
  clientIn(region: string): ElastiCacheClient
  close(): Promise<void>
}

export interface InProcessOptions extends Partial<Settings> {
  /** Mount the operations that wait for control as well. */
  readonly unmounted?: boolean
}

const withAwaiting = (service: MountedService<Call>): MountedService<Call> =>
  service.model.signingName === 'elasticache'
    ? { ...service, operations: { ...service.operations, ...awaitingControl } }
    : service

export async function startInProcess({ unmounted = false, ...settings }: InProcessOptions = {}): Promise<InProcess> {
  const store = await openStore({ url: ':memory:', sealKey: randomBytes(32) })
  const unhandled: unknown[] = []
  const extendCall = (call: WireCall): Call => ({
    ...call,
    store,
    settings: { engines, ...settings },
    now: () => started.now ?? new Date(),
    wake: arn => started.woken.push(arn),
  })
  const wire = createWire<Call>({
    services: unmounted ? mountedServices.map(withAwaiting) : mountedServices,
    region: scope.region,
    accountId: scope.account,
    extendCall,
    strictOutput: true,
    onUnhandled: error => unhandled.push(error),
  })
  const listening = await listen({ handle: wire })
  const clients: ElastiCacheClient[] = []
  const clientIn = (region: string): ElastiCacheClient => {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
    const client = new ElastiCacheClient({ endpoint: listening.url, region, credentials, maxAttempts: 1 })
    clients.push(client)
    return client
  }
  const started: InProcess = {
    elasticache: clientIn(scope.region),
    url: listening.url,
    store,
    woken: [],
    now: undefined,
    clientIn,
    close: async () => {
      for (const client of clients) client.destroy()
      await listening.close(0)
      await store.close()
      if (unhandled.length > 0) throw new Error('errors that were no caller’s fault', { cause: unhandled[0] })
    },
  }
  return started
}

/** What a refused call answered: the SDK's error class, the message, the HTTP status. */
export async function refusal(call: Promise<unknown>): Promise<{ name: string; message: string; status: number }> {
  const error = await call.then(
    answer => Promise.reject(new Error(`not refused: ${JSON.stringify(answer)}`)),
    (thrown: Error & { readonly $metadata?: { readonly httpStatusCode?: number } }) => thrown,
  )
  return { name: error.name, message: error.message, status: error.$metadata?.httpStatusCode ?? 0 }
}

/** What EC2 and CloudWatch Logs would hold, for requests that name it. */
export async function addSecurityGroup(store: OpenStore, id: string, vpcId: string): Promise<void> {
  const arn = `arn:aws:ec2:${scope.region}:${scope.account}:security-group/${id}` as Arn
  await store
    .repository('security-group')
    .insert({ ...scope, arn, name: id, desired: { id, vpcId }, createdAt: new Date() })
}

export async function addLogGroup(store: OpenStore, name: string): Promise<void> {
  const arn = `arn:aws:logs:${scope.region}:${scope.account}:log-group:${name}` as Arn
  await store.repository('log-group').insert({ ...scope, arn, name, desired: { name }, createdAt: new Date() })
}

export const groupArn = (id: string): Arn =>
  `arn:aws:elasticache:${scope.region}:${scope.account}:replicationgroup:${id}` as Arn
