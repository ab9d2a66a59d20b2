/**
 * The guide's access control: its commands and both Python connections as printed there, on real engines with TLS; what the
 * read-only user may do, tried command by command; and who loses what, when. Nothing of a password is ever on disk.
 */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  DescribeUserGroupsCommand,
  DescribeUsersCommand,
  IncreaseReplicaCountCommand,
  ModifyReplicationGroupCommand,
} from '@aws-sdk/client-elasticache'
import { dispose, eventually, type Hotshelf, processesIn, RespClient, startHotshelf } from '@hotshelf/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Customer, customerOf } from './customer.ts'

const run = promisify(execFile)
const runs = (name: string, ...words: string[]): Promise<boolean> =>
  run(name, words).then(
    () => true,
    () => false,
  )
const hasAws = await runs('sh', '-c', 'command -v aws')
const pythons = ['python3', '/usr/bin/python3']
const python = (await Promise.all(pythons.map(name => runs(name, '-c', 'import redis')))).indexOf(true)

let hotshelf: Hotshelf
let customer: Customer
let authorityFile: string
let authority: Buffer

async function aws(command: string): Promise<any> {
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: hotshelf.endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_DEFAULT_OUTPUT: 'json',
    AWS_PAGER: '',
  }
  const { stdout } = await run('bash', ['-c', command], { env, maxBuffer: 16 << 20 })
  return stdout.trim() === '' ? undefined : JSON.parse(stdout)
}

beforeAll(async () => {
  hotshelf = await startHotshelf()
  customer = customerOf(hotshelf)
  authorityFile = join(hotshelf.dataDir, 'authority-for-clients.pem')
  writeFileSync(authorityFile, await (await fetch(`${hotshelf.endpoint}/_hotshelf/ca.pem`)).text())
  authority = readFileSync(authorityFile)
  await customer.create('my-redis-cluster', {
    Engine: 'redis',
    NumCacheClusters: 2,
    AutomaticFailoverEnabled: true,
    TransitEncryptionEnabled: true,
  })
})
afterAll(() => dispose(hotshelf))

const primaryOf = async (id: string) => {
  const endpoint = (await customer.group(id)).NodeGroups![0]!.PrimaryEndpoint!
  return { host: endpoint.Address!, port: endpoint.Port! }
}
const nodesOf = async (id: string) =>
  (await customer.group(id)).NodeGroups![0]!.NodeGroupMembers!.map(member => ({
    host: member.ReadEndpoint!.Address!,
    port: member.ReadEndpoint!.Port!,
  }))

async function login(at: { host: string; port: number }, name: string, password: string) {
  const client = await RespClient.connect({ ...at, authority })
  return { client, answer: await client.text('AUTH', name, password) }
}
async function client(at: { host: string; port: number }, name: string, password: string): Promise<RespClient> {
  const { client: made, answer } = await login(at, name, password)
  expect(answer).toBe('OK')
  return made
}

const readerPassword = 'ReadOnlyPassword123!'
const appPassword = 'AppUserPassword123!'
const reader = (at: { host: string; port: number }) => client(at, 'app-readonly', readerPassword)
const app = (at: { host: string; port: number }) => client(at, 'app-user', appPassword)
const userStatus = async (UserId: string) =>
  (await customer.elasticache.send(new DescribeUsersCommand({ UserId }))).Users![0]!.Status
const bothActive = () =>
  eventually(
    async () => (await customer.elasticache.send(new DescribeUserGroupsCommand({}))).UserGroups!,
    groups => groups.every(group => group.Status === 'active'),
  )

describe.skipIf(!hasAws)("the guide's access control (needs `aws` on PATH)", () => {
  it('is set up by its commands as printed', async () => {
    const created = await aws(`aws elasticache create-user \\
  --user-id app-readonly \\
  --user-name app-readonly \\
  --engine redis \\
  --passwords "ReadOnlyPassword123!" \\
  --access-string "on ~app:* +get +mget +hget +hgetall -@write"`)
    expect(created).toMatchObject({ UserId: 'app-readonly', Status: 'active' })

    const group = await aws(`aws elasticache create-user-group \\
  --user-group-id app-users \\
  --engine redis \\
  --user-ids default app-readonly`)
    expect(group).toMatchObject({ UserGroupId: 'app-users', UserIds: ['default', 'app-readonly'] })

    const changed = await aws(`aws elasticache modify-replication-group \\
  --replication-group-id my-redis-cluster \\
  --user-group-ids-to-add app-users`)
    expect(changed.ReplicationGroup).toMatchObject({ Status: 'modifying', UserGroupIds: ['app-users'] })
    await customer.available('my-redis-cluster')
    expect(await bothActive()).toMatchObject([{ ReplicationGroups: ['my-redis-cluster'] }])
  })

  it('lets the guide’s second connection in, once its user is there', async () => {
    await aws(`aws elasticache create-user --user-id app-user --user-name app-user --engine redis \\
  --passwords "AppUserPassword123!" --access-string "on ~* +@all -@admin"`)
    await aws('aws elasticache modify-user-group --user-group-id app-users --user-ids-to-add app-user')
    await bothActive()
    for (const node of await nodesOf('my-redis-cluster')) await app(node)
  })

  it.skipIf(python < 0)('serves the guide’s Python as printed (needs python3 with redis)', async () => {
    const { host, port } = await primaryOf('my-redis-cluster')
    // As printed but for the host. The last line uses it; the certificate's authority is one that the machine trusts.
    const script = `
import redis

# RBAC 認証（Redis 7.0+）
r_rbac = redis.Redis(
    host='${host}',
    port=${port},
    username='app-user',
    password='AppUserPassword123!',
    ssl=True,
    decode_responses=True,
)
r_rbac.set('app:from', 'python'); print(r_rbac.get('app:from'), r_rbac.acl_whoami())
`
    const { stdout } = await run(pythons[python]!, ['-c', script], {
      env: { ...process.env, SSL_CERT_FILE: authorityFile },
    })
    expect(stdout.trim()).toBe('python app-user')
  })

  it('the read-only user may call exactly what his string says, of all commands of all categories', async () => {
    const at = await primaryOf('my-redis-cluster')
    const [writer, readonly] = [await app(at), await reader(at)]
    await writer.text('SET', 'app:string', 'value')
    await writer.text('HSET', 'app:hash', 'field', 'value')
    const categories = (await writer.text('ACL', 'CAT')).split(/[\s,]+/).filter(name => name !== '')
    expect(categories.length).toBeGreaterThan(20)
    const commands = new Set<string>()
    for (const category of categories)
      for (const name of (await writer.text('ACL', 'CAT', category)).split(/[\s,]+/))
        if (name !== '') commands.add(name)
    expect(commands.size).toBeGreaterThan(300)
    // These belong to logging in, and to leaving; an engine answers them before it knows anybody.
    const ofEverybody = ['auth', 'hello', 'quit', 'reset']
    const may = new Map([
      ['get', ['app:string']],
      ['mget', ['app:string', 'app:string']],
      ['hget', ['app:hash', 'field']],
      ['hgetall', ['app:hash']],
    ])
    const wrong: string[] = []
    for (const command of commands) {
      if (ofEverybody.includes(command)) continue
      const words = command.split('|')
      const allowed = may.get(command)
      const answer = allowed ? await readonly.text(...words, ...allowed) : await refusedWith(readonly, words)
      // A command of subcommands is nothing by itself, and these are tried each.
      const isContainer = [...commands].some(name => name.startsWith(`${command}|`))
      const refusal = isContainer
        ? /^(NOPERM|ERR unknown subcommand)/
        : /^(NOPERM|ERR unknown command|EXECABORT .*NOPERM)/
      if (allowed ? /^(NOPERM|ERR)/.test(answer) : !refusal.test(answer)) wrong.push(`${command}: ${answer}`)
    }
    expect(wrong).toEqual([])
    expect(await readonly.text('GET', 'other')).toMatch(/^NOPERM /)
    expect(await readonly.text('MGET', 'app:string', 'other')).toMatch(/^NOPERM /)
  })

  /** An engine counts arguments before it looks at permissions: as many as it wants. */
  async function refusedWith(readonly: RespClient, words: readonly string[]): Promise<string> {
    let answer = ''
    for (let count = 0; count < 12; count++) {
      answer = await readonly.text(...words, ...Array.from({ length: count }, () => 'app:1'))
      if (!/wrong number of arguments|unknown subcommand/.test(answer)) break
    }
    return answer
  }

  it('shows nobody the users, nor control’s own', async () => {
    const everything = await app(await primaryOf('my-redis-cluster'))
    await aws(`aws elasticache modify-user --user-id app-user --access-string "on ~* &* +@all"`)
    await eventually(
      () => userStatus('app-user'),
      status => status === 'active',
    )
    for (const command of ['LIST', 'USERS', 'GETUSER (superuser)', 'GETUSER app-user', 'LOG', 'SETUSER app-user on'])
      expect(await everything.text('ACL', ...command.split(' '))).toMatch(/^NOPERM /)
    expect(await everything.text('ACL', 'WHOAMI')).toBe('app-user')
    expect(await everything.text('CONFIG', 'GET', 'requirepass')).toMatch(/^ERR unknown command 'CONFIG'/)
  })

  it('a permission that is taken is gone on every node, and the connection stays', async () => {
    const connections = await Promise.all((await nodesOf('my-redis-cluster')).map(app))
    for (const connection of connections) expect(await connection.text('DBSIZE')).not.toMatch(/^NOPERM/)
    await aws(`aws elasticache modify-user --user-id app-user --append-access-string="-dbsize"`)
    await eventually(
      () => userStatus('app-user'),
      status => status === 'active',
    )
    for (const connection of connections) {
      expect(await connection.text('DBSIZE')).toMatch(/^NOPERM/)
      expect(await connection.text('GET', 'app:string')).toBe('value')
    }
  })

  it('a node that is killed, and one that joins, know the users', async () => {
    process.kill(customer.pidOf('my-redis-cluster-001'), 'SIGKILL')
    await eventually(
      async () => processesIn(hotshelf.dataDir).some(found => found.directory.endsWith('/my-redis-cluster-001')),
      back => back,
    )
    await customer.available('my-redis-cluster')
    await customer.elasticache.send(
      new IncreaseReplicaCountCommand({
        ReplicationGroupId: 'my-redis-cluster',
        NewReplicaCount: 2,
        ApplyImmediately: true,
      }),
    )
    await customer.available('my-redis-cluster')
    const nodes = await nodesOf('my-redis-cluster')
    expect(nodes).toHaveLength(3)
    for (const node of nodes) {
      expect(await (await reader(node)).text('DBSIZE')).toMatch(/^NOPERM/)
      expect((await login(node, 'app-readonly', 'AnotherPassword123!')).answer).toMatch(/^WRONGPASS/)
    }
  })

  it('who leaves the group, or is deleted, is cut on every node, and nobody else is', async () => {
    const nodes = await nodesOf('my-redis-cluster')
    const [readers, apps] = [await Promise.all(nodes.map(reader)), await Promise.all(nodes.map(app))]
    await aws('aws elasticache modify-user-group --user-group-id app-users --user-ids-to-remove app-user')
    await bothActive()
    await eventually(
      async () => apps.every(connection => connection.closed),
      cut => cut,
    )
    for (const connection of readers) expect(await connection.text('GET', 'app:string')).toBe('value')
    for (const node of nodes) expect((await login(node, 'app-user', appPassword)).answer).toMatch(/^WRONGPASS/)
    await aws('aws elasticache delete-user --user-id app-readonly')
    await eventually(
      () => customer.elasticache.send(new DescribeUsersCommand({})),
      ({ Users }) => Users!.every(user => user.UserId !== 'app-readonly'),
    )
    for (const node of nodes) expect((await login(node, 'app-readonly', readerPassword)).answer).toMatch(/^WRONGPASS/)
    await eventually(
      async () => readers.every(connection => connection.closed),
      cut => cut,
    )
  })

  it('a default user that is swapped for another ends the connections of the first', async () => {
    const at = await primaryOf('my-redis-cluster')
    const nameless = await RespClient.connect({ ...at, authority })
    expect(await nameless.text('PING')).toBe('PONG')
    await aws(`aws elasticache create-user --user-id new-default --user-name default --engine redis \\
  --passwords "DefaultPassword123!" --access-string "on ~* +@all"`)
    await aws(
      'aws elasticache modify-user-group --user-group-id app-users --user-ids-to-add new-default --user-ids-to-remove default',
    )
    await bothActive()
    await eventually(
      async () => nameless.closed,
      closed => closed,
    )
    const newcomer = await RespClient.connect({ ...at, authority })
    expect(await newcomer.text('PING')).toMatch(/^NOAUTH/)
    expect(await newcomer.text('AUTH', 'DefaultPassword123!')).toBe('OK')
  })

  it('left no password on disk', async () => {
    expect(existsSync(hotshelf.dataDir)).toBe(true)
    for (const secret of [readerPassword, appPassword, 'DefaultPassword123!']) {
      const found = await run('grep', ['-rlaF', '--', secret, hotshelf.dataDir]).then(
        ({ stdout }) => stdout.trim(),
        () => '',
      )
      expect(found).toBe('')
      expect(hotshelf.output()).not.toContain(secret)
    }
  })
})

describe('AUTH tokens', () => {
  const [first, second] = ['MySecurePassword123!', 'AnotherSecurePassword456!']
  const authenticate = async (at: { host: string; port: number }, token: string) => {
    const connection = await RespClient.connect({ ...at, authority })
    return { connection, answer: await connection.text('AUTH', token) }
  }
  const change = async (input: object) => {
    await customer.elasticache.send(
      new ModifyReplicationGroupCommand({ ReplicationGroupId: 'token-cache', ApplyImmediately: true, ...input }),
    )
    await customer.available('token-cache')
  }

  it('are rotated without disconnecting anybody, two at a time', async () => {
    await customer.create('token-cache', {
      Engine: 'redis',
      NumCacheClusters: 2,
      AutomaticFailoverEnabled: true,
      TransitEncryptionEnabled: true,
      AuthToken: first,
    })
    const nodes = await nodesOf('token-cache')
    const old = await Promise.all(nodes.map(async node => (await authenticate(node, first)).connection))
    await change({ AuthToken: second, AuthTokenUpdateStrategy: 'ROTATE' })
    for (const node of nodes)
      for (const token of [first, second]) expect((await authenticate(node, token)).answer).toBe('OK')
    await change({ AuthToken: second, AuthTokenUpdateStrategy: 'SET' })
    for (const node of nodes) {
      expect((await authenticate(node, first)).answer).toMatch(/^WRONGPASS/)
      expect((await authenticate(node, second)).answer).toBe('OK')
    }
    for (const connection of old) expect(await connection.text('PING')).toBe('PONG')
  })

  it.skipIf(python < 0)('serve the guide’s first Python connection as printed (needs python3 with redis)', async () => {
    await change({ AuthToken: first, AuthTokenUpdateStrategy: 'ROTATE' })
    const { host, port } = await primaryOf('token-cache')
    // As printed but for the host and the file of the authority.
    const script = `
import redis

# AUTH パスワード認証
r = redis.Redis(
    host='${host}',
    port=${port},
    password='MySecurePassword123!',
    ssl=True,
    ssl_cert_reqs='required',
    ssl_ca_certs='${authorityFile}',
    decode_responses=True,
)
r.set('from', 'python'); print(r.get('from'))
`
    expect((await run(pythons[python]!, ['-c', script])).stdout.trim()).toBe('python')
  })

  it('give way to a user group, whose default user takes over', async () => {
    const nodes = await nodesOf('token-cache')
    const old = (await authenticate(nodes[0]!, first)).connection
    await change({ AuthTokenUpdateStrategy: 'DELETE', UserGroupIdsToAdd: ['app-users'] })
    for (const node of nodes) {
      expect((await authenticate(node, first)).answer).toMatch(/^WRONGPASS/)
      expect((await authenticate(node, 'DefaultPassword123!')).answer).toBe('OK')
    }
    await eventually(
      async () => old.closed,
      closed => closed,
    )
    await change({ RemoveUserGroups: true, AuthToken: first, AuthTokenUpdateStrategy: 'SET' })
    for (const node of nodes) expect((await authenticate(node, first)).answer).toBe('OK')
  })
})
