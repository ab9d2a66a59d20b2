/**
 * The guide's five snapshot commands as printed there, but for two names that must exist, and `--node-type`, which is not the
 * CLI's word. Then what the export is good for: a stock engine loads it, and a new group is made from its files.
 */
import { execFile, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { dispose, eventually, freePort, type Hotshelf, startHotshelf } from '@hotshelf/testkit'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientOf, contentsOf, difference, fillWith } from './contents.ts'
import { type Customer, customerOf } from './customer.ts'

const run = promisify(execFile)
const hasAws = await run('sh', ['-c', 'command -v aws']).then(
  () => true,
  () => false,
)

let hotshelf: Hotshelf
let customer: Customer
let workplace: string

async function shell(command: string): Promise<any> {
  const environment = {
    ...process.env,
    AWS_ENDPOINT_URL: hotshelf.endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_DEFAULT_OUTPUT: 'json',
    AWS_PAGER: '',
  }
  const { stdout } = await run('bash', ['-c', command], { env: environment, maxBuffer: 16 << 20, cwd: workplace })
  const text = stdout.trim()
  return text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text
}

beforeAll(async () => {
  workplace = mkdtempSync(join(tmpdir(), 'hs-'))
  hotshelf = await startHotshelf({ arguments: ['--seed-files', workplace] })
  customer = customerOf(hotshelf)
})
afterAll(async () => {
  await dispose(hotshelf)
  rmSync(workplace, { recursive: true, force: true })
})

describe.skipIf(!hasAws)("the guide's snapshot commands through the aws CLI (needs `aws` on PATH)", () => {
  let wanted: ReadonlyMap<string, string>
  let securityGroup: string
  /** As the guide's `$(date …)` has it: a day may begin while this runs. */
  let today: string

  it('make, list, restore, export and delete a snapshot', { timeout: 300_000 }, async () => {
    const { Subnets } = await shell('aws ec2 describe-subnets')
    const subnets = Subnets.map((subnet: { SubnetId: string }) => subnet.SubnetId).join(' ')
    await shell(
      `aws elasticache create-cache-subnet-group --cache-subnet-group-name my-cache-subnet --cache-subnet-group-description guide --subnet-ids ${subnets}`,
    )
    securityGroup = (await shell('aws ec2 create-security-group --group-name cache --description cache')).GroupId
    const shape = { Engine: 'redis', EngineVersion: '7.1', CacheNodeType: 'cache.r7g.large' }
    const group = await customer.create('my-redis-cluster', { ...shape, NumNodeGroups: 3, ReplicasPerNodeGroup: 1 })
    const client = clientOf(group)
    await fillWith(client, 4000)
    wanted = await contentsOf(client)
    client.disconnect()

    const made = await shell(`aws elasticache create-snapshot \\
  --replication-group-id my-redis-cluster \\
  --snapshot-name "manual-backup-$(date +%Y%m%d)"`)
    expect(made.Snapshot).toMatchObject({
      SnapshotName: expect.stringMatching(/^manual-backup-\d{8}$/),
      SnapshotStatus: 'creating',
    })
    today = made.Snapshot.SnapshotName.slice(-8)

    const listed = await eventually(
      () =>
        shell(`aws elasticache describe-snapshots \\
  --replication-group-id my-redis-cluster \\
  --query 'Snapshots[*].{Name:SnapshotName,Status:SnapshotStatus,Time:NodeSnapshots[0].SnapshotCreateTime}'`),
      answer => answer[0].Status !== 'creating',
    )
    expect(listed).toEqual([
      { Name: `manual-backup-${today}`, Status: 'available', Time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) },
    ])

    await shell(`aws elasticache create-replication-group \\
  --replication-group-id my-redis-restored \\
  --replication-group-description "Restored from snapshot" \\
  --snapshot-name "manual-backup-${today}" \\
  --engine redis \\
  --engine-version 7.1 \\
  --cache-node-type cache.r7g.large \\
  --num-node-groups 3 \\
  --replicas-per-node-group 2 \\
  --cache-subnet-group-name my-cache-subnet \\
  --security-group-ids ${securityGroup}`)
    const restored = clientOf(await customer.available('my-redis-restored'))
    expect(difference(wanted, await contentsOf(restored))).toEqual([])
    restored.disconnect()

    const command = `aws elasticache copy-snapshot \\
  --source-snapshot-name "manual-backup-${today}" \\
  --target-snapshot-name "s3-export-${today}" \\
  --target-bucket my-redis-backups`
    await expect(shell(command)).rejects.toThrow('The S3 bucket my-redis-backups does not exist.')
    await shell('aws s3 mb s3://my-redis-backups')
    const exported = await shell(command)
    expect(exported.Snapshot).toMatchObject({ SnapshotName: `s3-export-${today}`, SnapshotStatus: 'copying' })
    await eventually(
      () => shell('aws elasticache describe-snapshots'),
      answer => answer.Snapshots.length === 1,
    )
    const keys = (await shell('aws s3api list-objects-v2 --bucket my-redis-backups')).Contents
    expect(keys.map((object: { Key: string }) => object.Key)).toEqual(
      ['0001', '0002', '0003'].map(shard => `s3-export-${today}-${shard}.rdb`),
    )

    const deleted = await shell(`aws elasticache delete-snapshot \\
  --snapshot-name "manual-backup-${today}"`)
    expect(deleted.Snapshot.SnapshotStatus).toBe('deleting')
    await eventually(
      () => shell('aws elasticache describe-snapshots'),
      answer => answer.Snapshots.length === 0,
    )
  })

  it('leave files that the engine itself loads', { timeout: 120_000 }, async () => {
    await shell('aws s3 cp --recursive s3://my-redis-backups .')
    let keys = 0
    for (const file of readdirSync(workplace).filter(name => name.endsWith('.rdb'))) {
      expect(execFileSync('redis-check-rdb', [join(workplace, file)], { encoding: 'utf8' })).toContain('RDB looks OK')
      const port = await freePort()
      const options = ['--port', String(port), '--dir', workplace, '--dbfilename', file, '--save', '']
      const engine = spawn('redis-server', options, { stdio: 'ignore' })
      const client = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 50, maxRetriesPerRequest: null })
      client.on('error', () => {})
      keys += await client.dbsize()
      client.disconnect()
      engine.kill('SIGKILL')
      await new Promise(resolve => engine.once('exit', resolve))
    }
    expect(keys).toBe(wanted.size)
  })

  it('and that new groups are made from, out of the bucket and out of a directory', { timeout: 200_000 }, async () => {
    const names = readdirSync(workplace).filter(name => name.endsWith('.rdb'))
    const places = {
      bucket: names.map(name => `arn:aws:s3:::my-redis-backups/${name}`),
      directory: names.map(name => `file://${workplace}/${name}`),
    }
    for (const [place, SnapshotArns] of Object.entries(places)) {
      const id = `from-${place}`
      const client = clientOf(await customer.create(id, { SnapshotArns, NumNodeGroups: place === 'bucket' ? 2 : 1 }))
      expect(difference(wanted, await contentsOf(client))).toEqual([])
      client.disconnect()
    }
    const refused: readonly [string, RegExp][] = [
      ['arn:aws:s3:::my-redis-backups/none.rdb', /Unable to fetch metadata/],
      ['arn:aws:s3:::none/none.rdb', /bucket none does not exist/],
      ['file:///etc/passwd', /is not below/],
      [`file://${workplace}/../../etc/passwd`, /is not below/],
      ['http://somewhere/a.rdb', /Invalid SnapshotArns/],
    ]
    for (const [arn, message] of refused)
      await expect(customer.create('no', { SnapshotArns: [arn] })).rejects.toThrow(message)
  })

  it('go up and down in the bucket with other names, and what is not built is said', async () => {
    await shell(`head -c 20000000 /dev/urandom > large && aws s3 cp large "s3://my-redis-backups/a b/large ü.bin"`)
    await shell(`aws s3 cp "s3://my-redis-backups/a b/large ü.bin" back && cmp large back`)
    expect(await shell('aws s3 ls s3://my-redis-backups/')).toContain('PRE a b/')
    await expect(shell('aws s3 rb s3://my-redis-backups')).rejects.toThrow('BucketNotEmpty')
    await shell(`aws s3 rm "s3://my-redis-backups/a b/large ü.bin"`)
    await expect(shell('aws s3api get-bucket-acl --bucket my-redis-backups')).rejects.toThrow('NotImplemented')
    expect(await shell('aws s3 ls')).toContain('my-redis-backups')
  })
})
