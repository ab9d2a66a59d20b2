/** DescribeReplicationGroups with twenty groups, beside moto's server: the same request from the same loop. */
import { spawn, spawnSync } from 'node:child_process'
import { Agent, request } from 'node:http'
import {
  CreateReplicationGroupCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache'
import { dispose, eventually, freePort, startHotshelf } from '@hotshelf/testkit'
import { median, type Outcome, spread } from './report.ts'

const groups = 20
const rounds = 7
const roundMs = 2000
const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' }
const body = 'Action=DescribeReplicationGroups&Version=2015-02-02'
const scope = 'Credential=bench/20260101/us-east-1/elasticache/aws4_request'

function once(agent: Agent, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': body.length,
      authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
    }
    const call = request({ agent, port, host: '127.0.0.1', method: 'POST', path: '/', headers }, response => {
      let bytes = 0
      response.on('data', (chunk: Buffer) => (bytes += chunk.length))
      response.on('end', () =>
        response.statusCode === 200 ? resolve(bytes) : reject(new Error(`${response.statusCode}`)),
      )
    })
    call.on('error', reject)
    call.end(body)
  })
}

/** Requests per second of eight callers who each wait for their answer. */
async function load(port: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  let done = 0
  const until = performance.now() + roundMs
  const caller = async (): Promise<void> => {
    while (performance.now() < until) {
      await once(agent, port)
      done++
    }
  }
  await Promise.all(Array.from({ length: 8 }, caller))
  agent.destroy()
  return done / (roundMs / 1000)
}

async function fill(endpoint: string): Promise<void> {
  const elasticache = new ElastiCacheClient({ endpoint, region: 'us-east-1', credentials })
  for (let i = 0; i < groups; i++) {
    const shape = { ReplicationGroupId: `bench-${i}`, ReplicationGroupDescription: 'bench', Engine: 'valkey' }
    await elasticache.send(
      new CreateReplicationGroupCommand({
        ...shape,
        CacheNodeType: 'cache.t4g.micro',
        NumCacheClusters: 2,
        AutomaticFailoverEnabled: true,
      }),
    )
  }
  await eventually(
    () => elasticache.send(new DescribeReplicationGroupsCommand({})),
    answer => answer.ReplicationGroups!.every(group => group.Status === 'available'),
    120_000,
  )
}

export async function benchDescribe(): Promise<readonly Outcome[]> {
  if (spawnSync('moto_server', ['--help'], { stdio: 'ignore' }).status !== 0) {
    process.stderr.write('describe: moto_server is not on PATH, so there is no peer to measure beside; skipped\n')
    return []
  }
  const hotshelf = await startHotshelf()
  const port = await freePort()
  const moto = spawn('moto_server', ['-p', String(port)], { stdio: 'ignore' })
  try {
    const endpoint = `http://127.0.0.1:${port}`
    await eventually(
      () =>
        fetch(endpoint).then(
          () => true,
          () => false,
        ),
      up => up,
      60_000,
    )
    await fill(endpoint)
    await fill(hotshelf.endpoint)
    const ours: number[] = []
    const peer: number[] = []
    await load(hotshelf.port)
    await load(port)
    for (let round = 0; round < rounds; round++) {
      ours.push(await load(hotshelf.port))
      peer.push(await load(port))
    }
    return [
      {
        what: `DescribeReplicationGroups of ${groups} groups per second, 8 callers`,
        ours: spread(ours),
        peer: `${spread(peer, 1)} moto`,
        ratio: median(ours.map((rate, i) => rate / peer[i]!)),
        goal: '≥ 10',
        rounds,
      },
    ]
  } finally {
    moto.kill('SIGKILL')
    await dispose(hotshelf)
  }
}
