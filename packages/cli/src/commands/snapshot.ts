/** `hotshelf snapshot …`: make, list, restore, verify and export snapshots, in sight of whoever asked. */
import type { CreateReplicationGroupCommandInput } from '@aws-sdk/client-elasticache'
import type { Command } from 'commander'
import { chosenGroup } from '../chosen-groups.ts'
import { chosenSnapshot, followSnapshot } from '../follow-snapshot.ts'
import { Failed } from '../failed.ts'
import { bytes, type Output, paintStatus, table } from '../output.ts'
import type { Server } from '../api.ts'
import { askingServer, type AddCommand, remote, type RemoteOptions } from './command.ts'
import { positive } from './reshard.ts'

interface Waiting extends RemoteOptions {
  readonly timeout: number
  readonly wait: boolean
}

const waiting = (command: Command): Command =>
  askingServer(command)
    .option('--timeout <seconds>', 'stop watching after this long; the work goes on', positive, 3600)
    .option('--no-wait', 'only ask for it')

export const snapshotCommand: AddCommand = program => {
  const snapshot = program.command('snapshot').description('make, list, restore, verify and export snapshots')
  waiting(snapshot.command('create'))
    .description('take a snapshot of a replication group or a cache cluster')
    .argument('<id>', 'what is to be saved')
    .argument('<name>', 'what the snapshot is to be called')
    .action(create)
  askingServer(snapshot.command('list'))
    .description('show snapshots and how far they are')
    .argument('[id]', 'only those of this group or cluster')
    .action(list)
  waiting(snapshot.command('restore'))
    .description('make a new replication group from a snapshot')
    .argument('<name>', 'a snapshot')
    .argument('<id>', 'what the new group is to be called')
    .option('--shards <n>', 'into so many shards (default: as many as it was of)', positive)
    .option('--replicas <n>', 'so many replicas in each shard', Number)
    .option('--node-type <type>', 'such as cache.r7g.large (default: as it was)')
    .option('--engine <engine>', 'valkey for a snapshot of redis')
    .option('--tls', 'encrypted in transit')
    .action(restore)
  askingServer(snapshot.command('verify'))
    .description('load a snapshot in an engine that is thrown away again, and compare counts and checksums')
    .argument('<name>', 'a snapshot')
    .action(verify)
  waiting(snapshot.command('export'))
    .description('write the files of a snapshot into an S3 bucket, where any engine can load them from')
    .argument('<name>', 'a snapshot')
    .argument('<bucket>', 'a bucket that is there')
    .option('--as <name>', "what the files' names begin with (default: the snapshot's name and the day)")
    .action(exportTo)
}

async function create(id: string, name: string, options: Waiting): Promise<void> {
  const { server, output } = remote(options)
  const group = await chosenGroup(server, id)
  const { CreateSnapshotCommand } = await import('@aws-sdk/client-elasticache')
  await asking(server, group.region, async client => {
    const request = { SnapshotName: name }
    await client.send(new CreateSnapshotCommand({ ...request, ReplicationGroupId: group.id })).catch((error: Error) => {
      if (error.name !== 'ReplicationGroupNotFoundFault') throw error
      return client.send(new CreateSnapshotCommand({ ...request, CacheClusterId: group.id }))
    })
  })
  const asked = { name: name.toLowerCase(), region: group.region }
  if (!options.wait) return told(output, asked, `Watch it: hotshelf snapshot list ${group.id}`)
  const done = await followSnapshot({ server, output, ...asked, timeoutSeconds: options.timeout })
  told(
    output,
    { ...done.report, seconds: done.seconds },
    `Done in ${done.seconds.toFixed(1)} s: ${bytes(done.report?.bytes ?? 0)} in ${group.shards.length} files`,
  )
}

async function list(id: string | undefined, options: RemoteOptions): Promise<void> {
  const { server, output } = remote(options)
  const all = (await server.snapshots()).filter(one => id === undefined || one.of === id.toLowerCase())
  if (output.json) return output.say(JSON.stringify(all))
  if (all.length === 0)
    return output.say('There are no snapshots yet: `hotshelf snapshot create <group> <name>` makes one.')
  const head = ['name', 'of', 'status', 'shards', 'size', 'made', '']
  const rows = all.map(one => [
    one.name,
    one.of,
    paintStatus(one.status),
    String(one.shards),
    bytes(one.bytes),
    one.createdAt.slice(0, 16).replace('T', ' '),
    one.failure ?? one.progress ?? '',
  ])
  output.say(table(head, rows))
}

interface RestoreOptions extends Waiting {
  readonly shards?: number
  readonly replicas?: number
  readonly nodeType?: string
  readonly engine?: string
  readonly tls?: boolean
}

async function restore(name: string, id: string, options: RestoreOptions): Promise<void> {
  const { server, output } = remote(options)
  const snapshot = await chosenSnapshot(server, name)
  const request: CreateReplicationGroupCommandInput = {
    ReplicationGroupId: id,
    ReplicationGroupDescription: `Restored from ${snapshot.name}`,
    SnapshotName: snapshot.name,
    ...(options.shards !== undefined && { NumNodeGroups: options.shards }),
    ...(options.replicas !== undefined && { ReplicasPerNodeGroup: options.replicas }),
    ...(options.nodeType !== undefined && { CacheNodeType: options.nodeType }),
    ...(options.engine !== undefined && { Engine: options.engine }),
    ...(options.tls && { TransitEncryptionEnabled: true }),
  }
  const { CreateReplicationGroupCommand } = await import('@aws-sdk/client-elasticache')
  await asking(server, snapshot.region, client => client.send(new CreateReplicationGroupCommand(request)))
  if (!options.wait) return told(output, { id }, `Watch it: hotshelf status ${id} --watch`)
  const { followWork } = await import('../follow-work.ts')
  const group = await chosenGroup(server, id)
  const isDone = (now: typeof group): boolean => {
    if (now.status === 'create-failed')
      throw new Failed(`${id} cannot be made: ${now.failure}`, `hotshelf plan ${id} says what is tried.`)
    return now.status === 'available'
  }
  const what = `Restoring ${snapshot.name} to ${id}`
  const done = await followWork({
    server,
    output,
    group,
    ask: async () => {},
    isDone,
    what,
    timeoutSeconds: options.timeout,
  })
  told(
    output,
    { id, seconds: done.seconds },
    `${id} is available, with the data of ${snapshot.name}, after ${done.seconds.toFixed(1)} s`,
  )
}

async function verify(name: string, options: RemoteOptions): Promise<void> {
  const { server, output } = remote(options)
  const snapshot = await chosenSnapshot(server, name)
  const problems: string[] = []
  let keys = 0
  for await (const line of server.verifySnapshot(snapshot.arn)) {
    if (output.json) output.say(JSON.stringify(line))
    if (line.step === 'broken') problems.push(`shard ${line.shard}: ${line.problem}`)
    if (line.step === 'sound') keys += line.keys + line.expired
    if (output.json) continue
    if (line.step !== 'sound') output.note(`shard ${line.shard}: ${line.step === 'broken' ? line.problem : line.step}`)
    else
      output.say(
        `shard ${line.shard}: sound, ${bytes(line.bytes)}, ${line.keys} keys and ${line.expired} that have expired, loaded by ${line.program}`,
      )
  }
  if (problems.length > 0)
    throw new Failed(
      `${snapshot.name} cannot be trusted: ${problems.join('; ')}`,
      'Take another one, and keep this one for whoever looks into it.',
    )
  if (!output.json) output.say(`${snapshot.name} can be restored: ${keys} keys in ${snapshot.shards} files`)
}

async function exportTo(name: string, bucket: string, options: Waiting & { readonly as?: string }): Promise<void> {
  const { server, output } = remote(options)
  const snapshot = await chosenSnapshot(server, name)
  const today = new Date().toISOString().slice(0, 10).replaceAll('-', '')
  const target = (options.as ?? `${snapshot.name.replaceAll('.', '-')}-${today}`).toLowerCase()
  const { CopySnapshotCommand } = await import('@aws-sdk/client-elasticache')
  const request = { SourceSnapshotName: snapshot.name, TargetSnapshotName: target, TargetBucket: bucket }
  await asking(server, snapshot.region, client => client.send(new CopySnapshotCommand(request)))
  const where = `s3://${bucket}/${target}-….rdb`
  if (!options.wait) return told(output, { bucket, target }, `It goes to ${where}`)
  const done = await followSnapshot({
    server,
    output,
    name: target,
    region: snapshot.region,
    goes: true,
    timeoutSeconds: options.timeout,
  })
  told(output, { bucket, target, seconds: done.seconds }, `Exported to ${where} in ${done.seconds.toFixed(1)} s`)
}

const told = (output: Output, json: object, text: string): void => output.say(output.json ? JSON.stringify(json) : text)

async function asking<T>(
  server: Server,
  region: string,
  work: (client: Awaited<ReturnType<Server['elasticache']>>) => Promise<T>,
): Promise<T> {
  const client = await server.elasticache(region)
  try {
    return await work(client)
  } finally {
    client.destroy()
  }
}
