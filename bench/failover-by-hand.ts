/** The peers: the same nodes watched by three sentinels, and a cluster of three shards that elects for itself. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Address, ask, downtime, pause, processAt, replicasAt, shardsAt } from './failover-client.ts'
import { startPeer } from './reshard-by-hand.ts'

const replicas = 2
const sentinels = 3

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const began = Date.now(); !(await isSo()); await pause(50))
    if (Date.now() - began > 60_000) throw new Error('the peer did not come up within 60 s')
}

/** One failover by sentinels of a group of their own; `downAfter` undefined leaves the default of 30 s. */
async function failedOverBySentinels(downAfter: number | undefined): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'hs-sentinel-'))
  const network = `127.62.${1 + Math.floor(Math.random() * 250)}`
  const children: ChildProcess[] = []
  const start = (port: number, more: (address: string) => readonly string[], ...flags: readonly string[]): Address => {
    const host = `${network}.${children.length + 1}`
    const dir = join(folder, String(children.length))
    mkdirSync(dir)
    const own = [`bind ${host}`, `bind-source-addr ${host}`, `port ${port}`, `dir ${dir}`, 'protected-mode no']
    const file = join(dir, 'node.conf')
    writeFileSync(file, `${[...own, ...more(host)].join('\n')}\n`)
    children.push(spawn('valkey-server', [file, ...flags], { cwd: dir, stdio: 'ignore' }))
    return { host, port }
  }
  try {
    const data = ['save ""', 'repl-diskless-sync-delay 0']
    const primary = start(6379, host => [...data, `replica-announce-ip ${host}`])
    const followers = Array.from({ length: replicas }, () =>
      start(6379, host => [...data, `replica-announce-ip ${host}`, `replicaof ${primary.host} ${primary.port}`]),
    )
    await until(async () => (await replicasAt(primary)) === replicas)
    const watching = [`sentinel monitor group ${primary.host} ${primary.port} 2`]
    if (downAfter !== undefined) watching.push(`sentinel down-after-milliseconds group ${downAfter}`)
    const watchers = Array.from({ length: sentinels }, () =>
      start(26379, host => [`sentinel announce-ip ${host}`, ...watching], '--sentinel'),
    )
    for (const watcher of watchers)
      await until(async () => {
        const known = await ask(watcher, 'SENTINEL', 'MASTER', 'group').catch(() => [])
        const text = String(known)
        return text.includes(`num-slaves,${replicas}`) && text.includes(`num-other-sentinels,${sentinels - 1}`)
      })
    // Every sentinel has asked each replica for its offset by then; before, it would not choose any.
    await pause(1500)
    const victim = await processAt(primary)
    if (victim !== children[0]!.pid) throw new Error(`a stranger answers on ${primary.host}`)
    return await downtime({ primary, tried: [primary, ...followers], key: 'key' }, victim, 'SIGKILL')
  } finally {
    for (const child of children) child.kill('SIGKILL')
    await pause(200)
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

export async function bySentinels(downAfter: number | undefined, kills: number): Promise<readonly number[]> {
  const took: number[] = []
  for (let i = 0; i < kills; i++) took.push(await failedOverBySentinels(downAfter))
  return took
}

/** One failover by the vote of a cluster of its own; infinite where it held none. */
async function failedOverByElection(nodeTimeout: number): Promise<number> {
  const peer = await startPeer(3, 1, nodeTimeout)
  try {
    await until(async () => {
      const shards = await shardsAt(peer.addresses)
      const counts = await Promise.all(shards.map(shard => replicasAt(shard.primary)))
      // Gossip tells of a replica later than the replica is in sync, and a client tries only where it is told to.
      const told = shards.every(shard => shard.tried.length === 2)
      return told && counts.length === 3 && counts.every(count => count === 1)
    })
    await pause(2000)
    const shard = (await shardsAt(peer.addresses))[0]!
    const victim = await processAt(shard.primary)
    if (!peer.owns(victim)) throw new Error(`a stranger answers on ${shard.primary.host}`)
    return await downtime(shard, victim, 'SIGKILL')
  } finally {
    await peer.close()
  }
}

export async function byElection(nodeTimeout: number, kills: number): Promise<readonly number[]> {
  const took: number[] = []
  for (let i = 0; i < kills; i++) took.push(await failedOverByElection(nodeTimeout))
  return took
}
