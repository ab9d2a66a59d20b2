/**
 * The guide's Terraform template through the real provider: applies, plans empty, edits, plans empty, destroys.
 * The provider waits 30 s before its first look at a replication group; most of this test's time is that.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CreateSecurityGroupCommand, DescribeSubnetsCommand, DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2'
import { DescribeEventsCommand, DescribeReplicationGroupsCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache'
import {
  dispose,
  type Hotshelf,
  processesIn,
  startHotshelf,
  type Terraform,
  terraformMissing,
  terraformOn,
} from '@hotshelf/testkit'
import { Cluster } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const template = fileURLToPath(new URL('../../examples/terraform', import.meta.url))
const account = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }
const missing = terraformMissing()
if (missing !== undefined) console.warn(`Skipped: ${missing}.`)

let hotshelf: Hotshelf
let terraform: Terraform

async function succeeds(...words: string[]): Promise<string> {
  const { code, output } = await terraform.run(...words)
  expect(code, output).toBe(0)
  return output
}

const plansEmpty = () => succeeds('plan', '-detailed-exitcode')

beforeAll(async () => {
  if (missing !== undefined) return
  hotshelf = await startHotshelf()
  const ec2 = new EC2Client({ endpoint: hotshelf.endpoint, ...account })
  const vpcId = (await ec2.send(new DescribeVpcsCommand({}))).Vpcs![0]!.VpcId!
  const subnets = (await ec2.send(new DescribeSubnetsCommand({}))).Subnets!.map(subnet => subnet.SubnetId!)
  const app = await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'app', Description: 'app', VpcId: vpcId }))
  terraform = terraformOn(template, hotshelf.endpoint, {
    vpc_id: vpcId,
    private_subnet_ids: JSON.stringify(subnets),
    app_security_group_id: app.GroupId!,
  })
}, 120_000)

afterAll(async () => {
  if (missing !== undefined) return
  terraform.dispose()
  await dispose(hotshelf)
})

describe.skipIf(missing !== undefined)(
  "the guide's Terraform template (needs `terraform` and a local mirror of the AWS provider)",
  () => {
    it('applies, and a second plan is empty', { timeout: 300_000 }, async () => {
      await succeeds('init')
      await succeeds('apply', '-auto-approve')
      await plansEmpty()
      const nodes = processesIn(hotshelf.dataDir).filter(found => found.directory.includes('app-redis-production'))
      expect(nodes).toHaveLength(9)
    })

    it('made a cluster that clients can use, with the parameters in force', async () => {
      const elasticache = new ElastiCacheClient({ endpoint: hotshelf.endpoint, ...account })
      const answer = await elasticache.send(new DescribeReplicationGroupsCommand({}))
      const group = answer.ReplicationGroups![0]!
      expect(group).toMatchObject({ Status: 'available', ClusterEnabled: true })
      expect(group.LogDeliveryConfigurations).toHaveLength(2)
      const ca = await (await fetch(`${hotshelf.endpoint}/_hotshelf/ca.pem`)).text()
      const { Address: host, Port: port } = group.ConfigurationEndpoint!
      const cluster = new Cluster([{ host: host!, port: port! }], { redisOptions: { tls: { ca } } })
      try {
        await cluster.set('from', 'terraform')
        expect(await cluster.get('from')).toBe('terraform')
        // notify-keyspace-events Ex is in force: expiry is told to subscribers of the node that holds the key.
        const [node] = cluster.nodes('master')
        const subscriber = node!.duplicate()
        const expired = new Promise<string>(resolve => subscriber.on('message', (_, key) => resolve(key)))
        await subscriber.subscribe('__keyevent@0__:expired')
        for (let i = 0; i < 50; i++) await cluster.set(`short:${i}`, '1', 'PX', 30)
        expect(await expired).toMatch(/^short:/)
        subscriber.disconnect()
      } finally {
        cluster.disconnect()
      }
      const { Events } = await elasticache.send(new DescribeEventsCommand({ SourceType: 'replication-group' }))
      expect(Events!.map(event => event.Message).join('\n')).toMatch(/cluster mode/i)
    })

    it('edits in place, and plans empty again', { timeout: 300_000 }, async () => {
      // What the template asks for can change without a new shard or node: parameters, tags, windows, log retention.
      const path = join(terraform.folder, 'main.tf')
      const edited = readFileSync(path, 'utf8')
        .replace('value = "300"', 'value = "240"')
        .replace('Service     = "cache"', 'Service     = "cache-v2"')
        .replace('snapshot_retention_limit = 7', 'snapshot_retention_limit = 5\n  apply_immediately = true')
        .replaceAll('retention_in_days = 30', 'retention_in_days = 14')
      writeFileSync(path, edited)
      expect(await succeeds('apply', '-auto-approve')).toMatch(/0 added, 4 changed, 0 destroyed/)
      await plansEmpty()
    })

    it('destroys everything', { timeout: 300_000 }, async () => {
      await succeeds('destroy', '-auto-approve')
      expect((await succeeds('state', 'list')).trim()).toBe('')
      const left = processesIn(hotshelf.dataDir).filter(found => found.directory.includes('app-redis-production'))
      expect(left).toEqual([])
    })
  },
)
