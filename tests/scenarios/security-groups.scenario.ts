/**
 * Security groups where the platform can enforce them: a forwarder's endpoints look at the address that a client comes
 * from. Real clients, from two loopback addresses of this machine; macOS has only one without being told.
 */
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  EC2Client,
  ModifySecurityGroupRulesCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2'
import { ModifyReplicationGroupCommand } from '@aws-sdk/client-elasticache'
import { dispose, eventually, type Hotshelf, processesIn, startHotshelf } from '@hotshelf/testkit'
import { createClient } from '@redis/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Customer, customerOf } from './customer.ts'

const [app, stranger] = ['127.0.0.2', '127.0.0.3']

let hotshelf: Hotshelf
let customer: Customer
let ec2: EC2Client
let at: { host: string; port: number }
let [appGroup, cacheGroup] = ['', '']

async function open(from: string) {
  const client = createClient({ socket: { ...at, localAddress: from, reconnectStrategy: false } as never })
  client.on('error', () => {})
  await client.connect()
  return client
}

/** What `PING` answers to a client from there, or how it is turned away. */
async function ping(from: string): Promise<string> {
  try {
    const client = await open(from)
    const answer = await client.ping()
    client.destroy()
    return answer
  } catch (error) {
    return error instanceof Error && /ECONNRESET|closed unexpectedly/.test(error.message) ? 'refused' : String(error)
  }
}
const pings = async () => [await ping(app), await ping(stranger)]
/** Control is told at once; it acts a moment later. */
const becomes = (wanted: readonly string[]) =>
  eventually(pings, answers => JSON.stringify(answers) === JSON.stringify(wanted))

const tcp = (more: object) => ({ IpProtocol: 'tcp', FromPort: 6379, ToPort: 6379, ...more })
const cidr = (CidrIp: string) => tcp({ IpRanges: [{ CidrIp }] })
const authorize = (...IpPermissions: object[]) =>
  ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: cacheGroup, IpPermissions }))
const revoke = (...IpPermissions: object[]) =>
  ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: cacheGroup, IpPermissions }))

beforeAll(async () => {
  hotshelf = await startHotshelf({ arguments: ['--address-mode', 'ports'] })
  customer = customerOf(hotshelf)
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  ec2 = new EC2Client({ endpoint: hotshelf.endpoint, region: 'us-east-1', credentials })
  const group = async (GroupName: string) =>
    (await ec2.send(new CreateSecurityGroupCommand({ GroupName, Description: GroupName }))).GroupId!
  ;[appGroup, cacheGroup] = [await group('app'), await group('cache')]
  await authorize(cidr(`${app}/32`))
  const made = await customer.create('walled', { NumCacheClusters: 2, SecurityGroupIds: [cacheGroup] })
  const { Address, Port } = made.NodeGroups![0]!.PrimaryEndpoint!
  at = { host: Address!, port: Port! }
}, 60_000)
afterAll(() => dispose(hotshelf))

it('a client from an address that a rule names gets in, and one from another does not, from the first moment on', async () => {
  expect(await pings()).toEqual(['PONG', 'refused'])
})

it('changes of rules count for the next connection; who is connected stays', async () => {
  const connected = await open(app)
  await authorize(cidr('127.0.0.3/32'))
  await becomes(['PONG', 'PONG'])
  await revoke(cidr(`${app}/32`))
  await becomes(['refused', 'PONG'])
  expect(await connected.ping()).toBe('PONG')
  connected.destroy()
  const [rule] = (await authorize(cidr('10.0.0.0/8'))).SecurityGroupRules!
  const SecurityGroupRule = { ...tcp({}), CidrIpv4: '127.0.0.0/30' }
  await ec2.send(
    new ModifySecurityGroupRulesCommand({
      GroupId: cacheGroup,
      SecurityGroupRules: [{ SecurityGroupRuleId: rule!.SecurityGroupRuleId!, SecurityGroupRule }],
    }),
  )
  await becomes(['PONG', 'PONG'])
  await revoke(cidr('127.0.0.0/30'), cidr('127.0.0.3/32'))
  await becomes(['refused', 'refused'])
})

it('a rule for another port or protocol lets nobody in', async () => {
  await authorize(
    { IpProtocol: 'tcp', FromPort: 6380, ToPort: 7000, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
    { IpProtocol: 'udp', FromPort: 6379, ToPort: 6379, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
  )
  // The rule after it is in force, so those before it are.
  await authorize(cidr('127.0.0.3/32'))
  await becomes(['refused', 'PONG'])
  await revoke(cidr('127.0.0.3/32'))
  await becomes(['refused', 'refused'])
})

it('a rule may name a group, whose tag says where its members are', async () => {
  await authorize(tcp({ UserIdGroupPairs: [{ GroupId: appGroup }] }))
  expect(await ping(app)).toBe('refused')
  const tagged = (Value: string) =>
    ec2.send(new CreateTagsCommand({ Resources: [appGroup], Tags: [{ Key: 'hotshelf:members', Value }] }))
  await tagged(`${app}/32 10.0.0.0/8`)
  await becomes(['PONG', 'refused'])
  await expect(tagged('the app')).rejects.toMatchObject({ name: 'InvalidParameterValue' })
  expect(await pings()).toEqual(['PONG', 'refused'])
})

it('rules hold while Hotshelf is down, and after it and the forwarder come back', async () => {
  await hotshelf.kill()
  expect(await pings()).toEqual(['PONG', 'refused'])
  const forwarder = processesIn(hotshelf.dataDir).find(found => found.directory.endsWith('/forwarder'))!
  process.kill(forwarder.pid, 'SIGKILL')
  hotshelf = await startHotshelf({
    dataDir: hotshelf.dataDir,
    port: hotshelf.port,
    arguments: ['--address-mode', 'ports'],
  })
  customer = customerOf(hotshelf)
  await becomes(['PONG', 'refused'])
})

it('a cache of the default group admits the programs of this machine', async () => {
  const made = await customer.create('usual', { NumCacheClusters: 1 })
  const walled = at
  const { Address, Port } = made.NodeGroups![0]!.PrimaryEndpoint!
  at = { host: Address!, port: Port! }
  expect(await pings()).toEqual(['PONG', 'PONG'])
  await customer.elasticache.send(
    new ModifyReplicationGroupCommand({
      ReplicationGroupId: 'usual',
      SecurityGroupIds: [cacheGroup],
      ApplyImmediately: true,
    }),
  )
  await becomes(['PONG', 'refused'])
  at = walled
})
