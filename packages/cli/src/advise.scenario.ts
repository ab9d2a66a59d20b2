/** What `hotshelf advise` prints is run as it stands, by the shell and the real aws command. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { DescribeCacheClustersCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dispose, type Hotshelf, startHotshelf } from '@hotshelf/testkit'

const program = fileURLToPath(new URL('../bin/hotshelf.js', import.meta.url))
const run = promisify(execFile)
const advise = (...flags: string[]) => run(process.execPath, [program, 'advise', ...flags])

let server: Hotshelf
let aws: ElastiCacheClient
beforeAll(async () => {
  server = await startHotshelf()
  const credentials = { accessKeyId: 'x', secretAccessKey: 'x' }
  aws = new ElastiCacheClient({ endpoint: server.endpoint, region: 'us-east-1', credentials })
})
afterAll(async () => {
  aws?.destroy()
  if (server) await dispose(server)
})

async function carriedOut(...flags: string[]) {
  const advice = JSON.parse((await advise('--json', '--environment', 'development', ...flags)).stdout) as {
    readonly commands: readonly string[]
    readonly nodes: number
  }
  const env = {
    PATH: process.env.PATH ?? '',
    AWS_ENDPOINT_URL: server.endpoint,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'x',
    AWS_SECRET_ACCESS_KEY: 'x',
    AWS_PAGER: '',
  }
  for (const command of advice.commands) await run('sh', ['-c', command], { env })
  return advice
}

const statuses = async (ids: RegExp) => {
  const { CacheClusters = [] } = await aws.send(new DescribeCacheClustersCommand({}))
  return CacheClusters.filter(one => ids.test(one.CacheClusterId ?? '')).map(one => one.CacheClusterStatus)
}

describe('the commands of an advice', () => {
  it.each([
    ['a Memcached cluster', 'plain', ['--no-failover', '--data', '700MB'], 2],
    ['a group with a replica', 'kept', ['--failover', '--data', '100MB', '--use', 'sessions'], 2],
    ['a group with cluster mode', 'wide', ['--structures', '--no-failover', '--grows', '--data', '700MB'], 2],
  ] as const)('make %s', { timeout: 120_000 }, async (_what, id, flags, nodes) => {
    expect((await carriedOut('--id', id, ...flags)).nodes).toBe(nodes)
    await expect
      .poll(() => statuses(new RegExp(`^${id}`)), { timeout: 90_000, interval: 200 })
      .toSatisfy((found: string[]) => found.length > 0 && found.every(status => status === 'available'))
  })
})

describe('advise', () => {
  it('asks nobody where nobody is, and says so', async () => {
    const { stdout, stderr } = await advise('--no-failover')
    expect(stdout).toContain('memcached')
    expect(stderr).toContain('What no flag said')
  })

  it('refuses what it cannot read', async () => {
    await expect(advise('--data', 'much')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('It should be such as 500MB or 10GB.'),
    })
  })
})
