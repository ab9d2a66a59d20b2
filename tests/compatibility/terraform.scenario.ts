/**
 * The guide's Terraform template through the real provider: applies, plans empty, edits, plans empty, destroys.
 * The provider waits 30 s before its first look at a replication group; most of this test's time is that.
 */
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { CreateSecurityGroupCommand, DescribeSubnetsCommand, DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2'
import { DescribeEventsCommand, DescribeReplicationGroupsCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache'
import { dispose, type Hotshelf, processesIn, startHotshelf } from '@hotshelf/testkit'
import { Cluster } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const template = fileURLToPath(new URL('../../examples/terraform', import.meta.url))
const account = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }

/** A local copy of providers, where this machine has one: Terraform's usual places, or `TF_PLUGIN_MIRROR`. */
function providerMirror(): string | undefined {
  const below = (folder: string): string[] =>
    existsSync(folder) ? readdirSync(folder).map(name => join(folder, name)) : []
  const places = [
    process.env['TF_PLUGIN_MIRROR'] ?? '',
    join(homedir(), '.terraform.d/plugins'),
    '/usr/local/share/terraform/plugins',
    '/usr/share/terraform/plugins',
    ...below('/opt'),
  ]
  return places.find(place => place !== '' && existsSync(join(place, 'registry.terraform.io/hashicorp/aws')))
}

const mirror = providerMirror()
const hasTerraform = await run('terraform', ['version']).then(
  () => true,
  () => false,
)

let hotshelf: Hotshelf
let folder: string
let environment: NodeJS.ProcessEnv

async function terraform(...words: string[]): Promise<{ code: number; output: string }> {
  try {
    const { stdout, stderr } = await run('terraform', words, { cwd: folder, env: environment, maxBuffer: 64 << 20 })
    return { code: 0, output: stdout + stderr }
  } catch (error) {
    const failed = error as { code?: number; stdout?: string; stderr?: string }
    return { code: failed.code ?? 1, output: `${failed.stdout}${failed.stderr}` }
  }
}

async function apply(...more: string[]): Promise<void> {
  const result = await terraform('apply', '-auto-approve', '-input=false', '-no-color', ...more)
  expect(result.code, result.output).toBe(0)
}

async function plansEmpty(...more: string[]): Promise<void> {
  const result = await terraform('plan', '-detailed-exitcode', '-input=false', '-no-color', ...more)
  expect(result.code, result.output).toBe(0)
}

beforeAll(async () => {
  if (!hasTerraform) return
  hotshelf = await startHotshelf()
  folder = mkdtempSync(join(tmpdir(), 'hs-terraform-'))
  cpSync(template, folder, { recursive: true })
  const ec2 = new EC2Client({ endpoint: hotshelf.endpoint, ...account })
  const vpcId = (await ec2.send(new DescribeVpcsCommand({}))).Vpcs![0]!.VpcId!
  const subnets = (await ec2.send(new DescribeSubnetsCommand({}))).Subnets!.map(subnet => subnet.SubnetId!)
  const app = await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'app', Description: 'app', VpcId: vpcId }))
  const config = join(folder, 'cli.tfrc')
  writeFileSync(
    config,
    mirror ? `provider_installation {\n  filesystem_mirror {\n    path = "${mirror}"\n  }\n}\n` : '',
  )
  environment = {
    ...process.env,
    TF_CLI_CONFIG_FILE: config,
    AWS_ENDPOINT_URL: hotshelf.endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    TF_VAR_vpc_id: vpcId,
    TF_VAR_private_subnet_ids: JSON.stringify(subnets),
    TF_VAR_app_security_group_id: app.GroupId!,
  }
}, 120_000)

afterAll(async () => {
  if (!hasTerraform) return
  await dispose(hotshelf)
  rmSync(folder, { recursive: true, force: true })
})

describe.skipIf(!hasTerraform || !mirror)(
  "the guide's Terraform template (needs `terraform` and a local mirror of the AWS provider)",
  () => {
    it('applies, and a second plan is empty', { timeout: 300_000 }, async () => {
      const init = await terraform('init', '-input=false', '-no-color')
      expect(init.code, init.output).toBe(0)
      await apply()
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
      const edit = await run('sed', [
        '-i.bak',
        ...['-e', 's/value = "300"/value = "240"/'],
        ...['-e', 's/Service     = "cache"/Service     = "cache-v2"/'],
        ...['-e', 's/snapshot_retention_limit = 7/snapshot_retention_limit = 5/'],
        ...['-e', 's/retention_in_days = 30/retention_in_days = 14/'],
        ...[
          '-e',
          's/automatic_failover_enabled = true/automatic_failover_enabled = true\\n  apply_immediately = true/',
        ],
        join(folder, 'main.tf'),
      ])
      expect(edit.stderr).toBe('')
      rmSync(join(folder, 'main.tf.bak'))
      await apply()
      await plansEmpty()
    })

    it('destroys everything', { timeout: 300_000 }, async () => {
      const result = await terraform('destroy', '-auto-approve', '-input=false', '-no-color')
      expect(result.code, result.output).toBe(0)
      const { stdout } = await run('terraform', ['state', 'list'], { cwd: folder, env: environment })
      expect(stdout.trim()).toBe('')
      const left = processesIn(hotshelf.dataDir).filter(found => found.directory.includes('app-redis-production'))
      expect(left).toEqual([])
    })
  },
)
