/** `hotshelf status`: groups, shards and nodes as a tree; `--watch` keeps it up to date. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { GroupReport, NodeReport, ShardReport, SnapshotReport } from '@hotshelf/server'
import type { Server } from '../api.ts'
import { chosenGroups } from '../chosen-groups.ts'
import { align, type Branch, bytes, onTerminal, type Output, paint, paintStatus, tree } from '../output.ts'
import { withBar, workOf } from '../work.ts'
import { askingServer, type AddCommand, remote, type RemoteOptions } from './command.ts'

interface StatusOptions extends RemoteOptions {
  readonly watch?: boolean
}

export const statusCommand: AddCommand = program => {
  askingServer(program.command('status'))
    .description('show replication groups, shards and nodes')
    .argument('[id]', 'only this replication group')
    .option('-w, --watch', 'stay and show changes')
    .action(async (id: string | undefined, options: StatusOptions) => {
      const { server, output } = remote(options)
      if (!options.watch) return show(await look(server, id), output)
      await watch(server, id, output)
    })
}

interface Seen {
  readonly groups: readonly GroupReport[]
  readonly snapshots: readonly SnapshotReport[]
}

async function look(server: Server, id: string | undefined): Promise<Seen> {
  const [groups, snapshots] = await Promise.all([chosenGroups(server, id), server.snapshots()])
  return { groups, snapshots }
}

function show({ groups: all, snapshots }: Seen, output: Output): void {
  if (output.json) return output.say(JSON.stringify(all))
  if (all.length === 0) return output.say('There are no replication groups yet.')
  output.say(all.map(group => groupTree(group, snapshots)).join('\n\n'))
}

/** Prints only when something changed, so that a log of it stays readable; a terminal is wiped before. */
async function watch(server: Server, id: string | undefined, output: Output): Promise<void> {
  const over = new AbortController()
  process.once('SIGINT', () => over.abort())
  let before = ''
  while (!over.signal.aborted) {
    const now = await look(server, id)
    const digest = JSON.stringify(now)
    if (digest !== before) {
      if (onTerminal() && !output.json) output.say('\u001b[2J\u001b[H')
      show(now, output)
    }
    before = digest
    await sleep(500, undefined, { signal: over.signal }).catch(() => undefined)
  }
}

function groupTree(group: GroupReport, snapshots: readonly SnapshotReport[]): string {
  const nodes = group.shards.flatMap(shard => shard.nodes)
  const rows = align(nodes.map(nodeRow))
  const labels = new Map(nodes.map((node, index) => [node.id, rows[index] ?? node.id]))
  const shards = group.shards.map(shard => shardBranch(shard, labels))
  const below = [...endpointBranches(group), ...shards, ...notes(group, snapshots).map(label => ({ label }))]
  return tree({ label: heading(group), below })
}

/** What is wrong, and what is being done. */
function notes(group: GroupReport, snapshots: readonly SnapshotReport[]): readonly string[] {
  const { now, trouble } = workOf(group)
  const doing = now === undefined ? [] : [paint('dim', `now: ${withBar(now)}`)]
  const saving = snapshots
    .filter(one => one.of === group.id && one.region === group.region && one.progress !== undefined)
    .map(one => paint('dim', `snapshot ${one.name}: ${withBar(one.failure ?? one.progress ?? '')}`))
  return [...trouble.map(text => paint('red', text)), ...doing, ...saving]
}

function heading(group: GroupReport): string {
  const traits = [
    `${group.engine} ${group.engineVersion}`,
    group.nodeType,
    ...(group.clusterMode === 'disabled' ? [] : [`cluster mode ${group.clusterMode}`]),
    ...(group.transitEncryption === 'off' ? [] : [`TLS ${group.transitEncryption}`]),
    ...(group.authToken ? ['AUTH'] : []),
    group.region,
  ]
  return `${paint('bold', group.id)}  ${paintStatus(group.status)}  ${traits.join(', ')}`
}

const endpointBranches = (group: GroupReport): readonly Branch[] =>
  (['configuration', 'primary', 'reader'] as const).flatMap(role => {
    const endpoint = group.endpoints[role]
    return endpoint === undefined ? [] : [{ label: `${role} endpoint  ${paint('cyan', endpoint)}` }]
  })

const shardBranch = (shard: ShardReport, labels: ReadonlyMap<string, string>): Branch => ({
  label: `shard ${shard.id}${shard.slots === undefined ? '' : `  slots ${shard.slots}`}`,
  below: shard.nodes.map(node => ({ label: labels.get(node.id) ?? node.id })),
})

const nodeRow = (node: NodeReport): readonly string[] => [
  node.role ?? '-',
  node.id,
  paint('cyan', node.endpoint ?? '-'),
  paintStatus(node.status),
  memory(node),
  node.availabilityZone,
  [node.program, node.pid === undefined ? undefined : `pid ${node.pid}`].filter(Boolean).join(', '),
]

const memory = ({ usedMemoryBytes, maxMemoryBytes }: NodeReport): string => {
  if (usedMemoryBytes === undefined) return '-'
  return maxMemoryBytes === undefined ? bytes(usedMemoryBytes) : `${bytes(usedMemoryBytes)} of ${bytes(maxMemoryBytes)}`
}
