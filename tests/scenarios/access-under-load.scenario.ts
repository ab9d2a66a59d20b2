/**
 * Access that changes while clients work: tokens rotated, set and given up, users changed, added and taken away, in both
 * cluster modes. No command fails and no connection is lost, but of those whose access was taken.
 */
import {
  CreateUserCommand,
  CreateUserGroupCommand,
  DescribeUserGroupsCommand,
  ModifyReplicationGroupCommand,
  ModifyUserCommand,
  ModifyUserGroupCommand,
} from '@aws-sdk/client-elasticache'
import { dispose, eventually, type Hotshelf, RespClient, startHotshelf } from '@hotshelf/testkit'
import { Cluster, Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Customer, customerOf } from './customer.ts'

const tokens = [1, 2, 3, 4].map(n => `token-number-${n}-of-the-customer`) as [string, string, string, string]
const password = 'password-of-a-customer'

let hotshelf: Hotshelf
let customer: Customer
let authority: string
const loads: Load[] = []

beforeAll(async () => {
  hotshelf = await startHotshelf()
  customer = customerOf(hotshelf)
  authority = await (await fetch(`${hotshelf.endpoint}/_hotshelf/ca.pem`)).text()
})
afterAll(async () => {
  for (const load of loads) await load.stop()
  await dispose(hotshelf)
})

interface Login {
  readonly username?: string
  readonly password: string
}

interface Load {
  readonly failures: readonly string[]
  readonly closed: readonly string[]
  readonly commands: number
  /** Resolves after every client had this many answers more. */
  further(answers: number): Promise<void>
  stop(): Promise<void>
}

/** Clients that write and read without a pause, and never connect again: whoever is cut stays out, and is noted. */
async function loadOn(id: string, login: Login, count = 8): Promise<Load> {
  const group = await customer.group(id)
  const at = group.ConfigurationEndpoint ?? group.NodeGroups![0]!.PrimaryEndpoint!
  const [host, port] = [at.Address!, at.Port!]
  const [failures, closed]: string[][] = [[], []]
  const answers = Array.from({ length: count }, () => 0)
  const state = { stopping: false }
  const mine = `load-${loads.length}`
  const redis = { ...login, tls: { ca: authority }, maxRetriesPerRequest: 0, retryStrategy: () => null }
  const clients = answers.map(() => {
    const client = group.ConfigurationEndpoint
      ? new Cluster([{ host, port }], { redisOptions: redis, clusterRetryStrategy: () => null })
      : new Redis({ host, port, ...redis })
    client.on('error', () => {})
    return client
  })
  await Promise.all(clients.map(client => client.ping()))
  for (const [n, client] of clients.entries()) {
    // Of a cluster, those that commands go to; what it learns the slots from comes and goes.
    if (client instanceof Cluster) await Promise.all(client.nodes('master').map(node => node.ping()))
    for (const connection of client instanceof Cluster ? client.nodes('master') : [client])
      connection.on('close', () => !state.stopping && closed!.push(`client ${n}`))
  }
  const working = clients.map(async (client, n) => {
    for (let i = 0; !state.stopping; i++) {
      try {
        await client.set(`${mine}:${n}:${i % 100}`, String(i))
        const read = await client.get(`${mine}:${n}:${i % 100}`)
        if (read !== String(i)) failures!.push(`client ${n} read ${read} instead of ${i}`)
        answers[n]!++
      } catch (error) {
        if (!state.stopping) failures!.push(`client ${n}: ${String(error)}`)
        return
      }
    }
  })
  const load: Load = {
    failures: failures!,
    closed: closed!,
    get commands() {
      return answers.reduce((sum, one) => sum + 2 * one, 0)
    },
    async further(more) {
      const wanted = answers.map(now => now + more)
      await eventually(
        async () => answers.map((now, n) => (failures!.length > 0 ? 0 : wanted[n]! - now)),
        left => left.every(one => one <= 0),
      )
    },
    async stop() {
      state.stopping = true
      await Promise.all(working)
      for (const client of clients) client.disconnect()
    },
  }
  loads.push(load)
  return load
}

/** Nothing was lost up to here, and work goes on. */
async function unharmed(...all: readonly Load[]): Promise<void> {
  for (const load of all) {
    await load.further(50)
    expect([load.failures, load.closed]).toEqual([[], []])
  }
}

const nodesOf = async (id: string) =>
  (await customer.group(id)).NodeGroups!.flatMap(shard => shard.NodeGroupMembers!).length

async function change(id: string, input: object): Promise<void> {
  await customer.elasticache.send(
    new ModifyReplicationGroupCommand({ ReplicationGroupId: id, ApplyImmediately: true, ...input }),
  )
  await customer.available(id)
}

const modes = [
  ['disabled', { NumCacheClusters: 2, AutomaticFailoverEnabled: true }],
  ['enabled', { NumNodeGroups: 2, ReplicasPerNodeGroup: 1, AutomaticFailoverEnabled: true }],
] as const

describe.each(modes)('with cluster mode %s', (mode, shape) => {
  const id = `cache-${mode}`

  it('tokens are rotated and set under load, and nobody who works loses a command or his connection', async () => {
    await customer.create(id, { ...shape, TransitEncryptionEnabled: true, AuthToken: tokens[0] })
    expect(await nodesOf(id)).toBe(mode === 'enabled' ? 4 : 2)
    const first = await loadOn(id, { password: tokens[0] })
    await unharmed(first)
    await change(id, { AuthToken: tokens[1], AuthTokenUpdateStrategy: 'ROTATE' })
    const second = await loadOn(id, { password: tokens[1] })
    // Both are good in between, on every node.
    const late = await loadOn(id, { password: tokens[0] }, 1)
    await unharmed(first, second, late)
    await change(id, { AuthToken: tokens[1], AuthTokenUpdateStrategy: 'SET' })
    await expect(loadOn(id, { password: tokens[0] }, 1)).rejects.toThrow()
    await unharmed(first, second, late)
    for (const token of [tokens[2], tokens[3]]) {
      await change(id, { AuthToken: token, AuthTokenUpdateStrategy: 'ROTATE' })
      await unharmed(first, second, late)
    }
    await expect(loadOn(id, { password: tokens[1] }, 1)).rejects.toThrow()
    const last = await loadOn(id, { password: tokens[3] }, 1)
    await unharmed(first, second, late, last)
    expect(first.commands).toBeGreaterThan(1000)
    for (const load of [first, second, late, last]) await load.stop()
  })

  it('users are changed, added and taken away under load, and only who was taken away is cut', async () => {
    const { elasticache } = customer
    const name = (who: string) => `${who}-${mode}`
    const create = (who: string) =>
      elasticache.send(
        new CreateUserCommand({
          UserId: name(who),
          UserName: name(who),
          Engine: 'valkey',
          AccessString: 'on ~* +@all',
          Passwords: [password],
        }),
      )
    const settled = async () => {
      await eventually(
        () => elasticache.send(new DescribeUserGroupsCommand({ UserGroupId: name('people') })),
        ({ UserGroups }) => UserGroups?.[0]?.Status === 'active',
      )
      await customer.available(id)
    }
    for (const who of ['stays', 'leaves', 'comes']) await create(who)
    await elasticache.send(
      new CreateUserGroupCommand({
        UserGroupId: name('people'),
        Engine: 'valkey',
        UserIds: [name('stays'), name('leaves')],
      }),
    )
    // The token is given up: clients of it are cut, as its user is another's now.
    const byToken = await loadOn(id, { password: tokens[3] }, 2)
    await change(id, { AuthTokenUpdateStrategy: 'DELETE', UserGroupIdsToAdd: [name('people')] })
    await settled()
    await eventually(
      async () => byToken.failures.length,
      failed => failed === 2,
    )
    const loginOf = (who: string) => ({ username: name(who), password })
    const stays = await loadOn(id, loginOf('stays'))
    const leaves = await loadOn(id, loginOf('leaves'), 2)
    await unharmed(stays, leaves)

    await elasticache.send(new ModifyUserCommand({ UserId: name('stays'), AppendAccessString: '-dbsize -@pubsub' }))
    await settled()
    await unharmed(stays, leaves)
    const passwords = [password, 'another-password-of-it']
    await elasticache.send(new ModifyUserCommand({ UserId: name('stays'), Passwords: passwords }))
    await settled()
    await unharmed(stays, leaves)

    const group = { UserGroupId: name('people') }
    await elasticache.send(new ModifyUserGroupCommand({ ...group, UserIdsToAdd: [name('comes')] }))
    await settled()
    const comes = await loadOn(id, loginOf('comes'), 2)
    await unharmed(stays, leaves, comes)
    await elasticache.send(new ModifyUserGroupCommand({ ...group, UserIdsToRemove: [name('leaves')] }))
    await settled()
    await eventually(
      async () => leaves.failures.length,
      failed => failed === 2,
    )
    await unharmed(stays, comes)
    for (const load of [stays, comes]) await load.stop()
  })
})

it('control’s own user is in no list that a customer may read, and nothing secret is in what MONITOR and CLIENT LIST show', async () => {
  const id = 'watched'
  const made = await customer.create(id, {
    NumCacheClusters: 2,
    AutomaticFailoverEnabled: true,
    TransitEncryptionEnabled: true,
    AuthToken: tokens[0],
  })
  const { Address, Port } = made.NodeGroups![0]!.PrimaryEndpoint!
  const open = async () => {
    const client = await RespClient.connect({ host: Address!, port: Port!, authority })
    expect(await client.text('AUTH', tokens[0])).toBe('OK')
    return client
  }
  const client = await open()
  for (const list of ['LIST', 'USERS', 'LOG']) expect(await client.text('ACL', list)).toMatch(/^NOPERM /)
  const lines = (await client.text('CLIENT', 'LIST')).split('\n').filter(line => line !== '')
  // Control's connection and the replica's: as engines show connections that are their own.
  const users = new Set(lines.map(line => / user=(\S+)/.exec(line)![1]))
  expect([...users].toSorted()).toEqual(['(superuser)', 'default'])
  for (const line of lines) expect(line).toMatch(/^id=\d+ addr=\S+ laddr=\S+ fd=\d+ name=\S* /)

  const { Redis: Monitoring } = await import('ioredis')
  const watching = new Monitoring({ host: Address!, port: Port!, password: tokens[0], tls: { ca: authority } })
  const seen: string[][] = []
  const monitor = await watching.monitor()
  monitor.on('monitor', (_: string, words: string[]) => seen.push(words))
  await change(id, { AuthToken: tokens[1], AuthTokenUpdateStrategy: 'ROTATE' })
  const again = await RespClient.connect({ host: Address!, port: Port!, authority })
  expect(await again.text('AUTH', tokens[1])).toBe('OK')
  expect(await again.text('SET', 'the-last', 'one')).toBe('OK')
  await eventually(
    async () => seen.some(words => words.includes('the-last')),
    found => found,
  )
  monitor.disconnect()
  watching.disconnect()
  const commands = new Set(seen.map(([name = '']) => name.toUpperCase()))
  expect([...commands].filter(name => ['ACL', 'CONFIG', 'HELLO'].includes(name))).toEqual([])
  const logins = seen.filter(([name]) => name?.toUpperCase() === 'AUTH')
  for (const [, ...words] of logins) for (const word of words) expect(word).toBe('(redacted)')
  const text = JSON.stringify(seen)
  for (const token of tokens) expect(text).not.toContain(token)
})
