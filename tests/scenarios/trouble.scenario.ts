/** What stands in the way of a group: it says `create-failed` with the way out, and is made once the way is free. */
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execFileSync } from 'node:child_process'
import {
  CreateReplicationGroupCommand,
  DescribeEventsCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache'
import { dispose, eventually, freshDataDir, type Hotshelf, startHotshelf } from '@hotshelf/testkit'
import { afterEach, describe, expect, it } from 'vitest'

const found: Hotshelf[] = []
afterEach(async () => {
  for (const hotshelf of found.splice(0)) await dispose(hotshelf)
})

async function start(options: Parameters<typeof startHotshelf>[0] = {}) {
  const hotshelf = await startHotshelf(options)
  found.push(hotshelf)
  const elasticache = new ElastiCacheClient({
    endpoint: hotshelf.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  const status = async (id: string) =>
    (await elasticache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: id }))).ReplicationGroups![0]!
      .Status
  const becomes = (id: string, wanted: string) =>
    eventually(
      () => status(id),
      answer => answer === wanted,
    )
  const messages = async () =>
    (await elasticache.send(new DescribeEventsCommand({ SourceType: 'replication-group' })))
      .Events!.map(e => e.Message)
      .join('\n')
  const create = (id: string, more: object = {}) =>
    elasticache.send(
      new CreateReplicationGroupCommand({
        ReplicationGroupId: id,
        ReplicationGroupDescription: 'in trouble',
        Engine: 'valkey',
        CacheNodeType: 'cache.t4g.micro',
        NumCacheClusters: 1,
        ...more,
      }),
    )
  return { hotshelf, elasticache, becomes, messages, create }
}

const listen = (port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(port, '0.0.0.0', () => resolve(server))
  })

describe('a group that cannot be made', () => {
  it('says who holds its port, and is made once the port is free', async () => {
    const { becomes, messages, create } = await start()
    // A listener on every address takes the port of every node.
    const holder = await listen(7399)
    await create('taken', { Port: 7399 })
    await becomes('taken', 'create-failed')
    expect(await messages()).toMatch(/taken-001.*7399/s)
    await new Promise(resolve => holder.close(resolve))
    await becomes('taken', 'available')
  })

  it('is refused with the versions that are there when no engine serves the version', async () => {
    const { create } = await start()
    await expect(create('future', { EngineVersion: '9.0' })).rejects.toThrow(/8\.0/)
  })

  it('says what to install when the engine is gone, and is made once it is back', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hs-engine-'))
    const real = execFileSync('sh', ['-c', 'readlink -f "$(command -v valkey-server)"']).toString().trim()
    const path = join(folder, 'valkey-server')
    copyFileSync(real, path)
    chmodSync(path, 0o755)
    symlinkSync(process.execPath, join(folder, 'node'))
    try {
      const { becomes, messages, create } = await start({ environment: { PATH: `${folder}:/bin` } })
      rmSync(path)
      await create('bare')
      await becomes('bare', 'create-failed')
      expect(await messages()).toMatch(/valkey-server/)
      copyFileSync(real, path)
      chmodSync(path, 0o755)
      await becomes('bare', 'available')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  const mayMount = process.platform === 'linux' && process.getuid?.() === 0
  it.skipIf(!mayMount)(
    'says that the disk is full, and is made once there is room (needs root, for a small disk)',
    async () => {
      const dataDir = freshDataDir()
      const nodes = join(dataDir, 'nodes')
      mkdirSync(nodes, { recursive: true })
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', nodes])
      try {
        const { becomes, messages, create } = await start({ dataDir })
        const ballast = join(nodes, 'ballast')
        try {
          writeFileSync(ballast, Buffer.alloc(1 << 20))
        } catch {
          // It is as full as it can be, which is what is wanted.
        }
        await create('crowded')
        await becomes('crowded', 'create-failed')
        expect(await messages()).toMatch(/full|space/i)
        rmSync(ballast)
        await becomes('crowded', 'available')
      } finally {
        for (const hotshelf of found.splice(0)) {
          await hotshelf.stop()
          execFileSync('sh', [
            '-c',
            `for p in /proc/[0-9]*; do case "$(readlink $p/cwd)" in ${nodes}*) kill -9 "\${p#/proc/}";; esac; done; true`,
          ])
          await new Promise(resolve => setTimeout(resolve, 300))
          execFileSync('umount', ['-l', nodes])
          await dispose(hotshelf)
        }
      }
    },
  )
})

describe('a server that cannot start', () => {
  it('names the other server of the same data directory', async () => {
    const { hotshelf } = await start()
    await expect(startHotshelf({ dataDir: hotshelf.dataDir })).rejects.toThrow(new RegExp(String(hotshelf.process.pid)))
  })

  it('names the port that is taken', async () => {
    const { hotshelf } = await start()
    await expect(startHotshelf({ port: hotshelf.port })).rejects.toThrow(new RegExp(String(hotshelf.port)))
  })
})
