/**
 * nodes.conf for the first start of a whole new cluster, so that nobody needs to be introduced and nobody waits.
 * A primary that starts may not take writes for two seconds (it might be an old one coming back); a replica may be made
 * primary at once. So every node starts as the replica of a stand-in that owns its shard's slots and has no address:
 * an engine neither tries to reach nor ever suspects such a peer. Control then lets the intended primaries take over
 * and has the stand-ins forgotten.
 * The format was read off real files of Valkey 8.0 and Redis 7.0; other releases are introduced the usual way.
 */
import { createHmac } from 'node:crypto'
import {
  type ClusterJoin,
  type EngineSetup,
  type NodeFile,
  type NodeFileEdit,
  type NodePlace,
  type SeedShard,
  type SlotRange,
  Unavailable,
} from '@hotshelf/domain'
import { capabilities } from './versions.ts'

export const nodesFileName = 'nodes.conf'

export function clusterSeedFile(setup: EngineSetup): NodeFile | undefined {
  const { clusterMode, clusterJoin, clusterSeed, binary } = setup
  if (clusterMode && clusterJoin) return { name: nodesFileName, content: joinLines(setup, clusterJoin) }
  if (!clusterMode || !clusterSeed || capabilities(binary).nodesFile === undefined) return undefined
  const lines = clusterSeed.flatMap((shard, position) => shardLines(setup, shard, position + 1))
  const vars = `vars currentEpoch ${clusterSeed.length} lastVoteEpoch 0`
  return { name: nodesFileName, content: [...lines, vars, ''].join('\n'), onlyIfMissing: true }
}

/**
 * Two primaries whose claims are equally new settle it by their ids, and the winner may be the one that came back empty: its
 * claim becomes the newest of all. So it is given an older one that nobody has. Not an epoch of 0, although that is the oldest:
 * primaries without slots have it, as those of a shard that is being added, and they settle it by their ids too.
 * The same holds of Valkey 8.0 and Redis 7.0.
 */
export function yieldingClaim({ clusterMode, replaced }: EngineSetup): readonly NodeFileEdit[] {
  if (!clusterMode || !replaced) return []
  return [
    {
      name: nodesFileName,
      find: String.raw`^(\S+ \S+ \S*myself\S* \S+ \d+ \d+) \d+ `,
      replace: `$1 ${replaced.configEpoch} `,
    },
  ]
}

/** `<id> <address> <flags> <primary> <ping> <pong> <epoch> <link> [slots…]`; epochs differ, or primaries would argue. */
function shardLines(setup: EngineSetup, shard: SeedShard, epoch: number): readonly string[] {
  const standIn = idOf(setup, `stand-in ${epoch}`)
  const slots = shard.slots.map(formatRange).join(' ')
  const shardId = idOf(setup, `shard ${epoch}`)
  return [
    `${standIn} :0@0${extra(setup, undefined, shardId)} master,noaddr - 0 0 ${epoch} disconnected ${slots}`,
    ...shard.nodes.map(place => {
      const flags = place.node === setup.place.node ? 'myself,slave' : 'slave'
      return `${idOf(setup, place.node)} ${addressOf(setup, place, shardId)} ${flags} ${standIn} 0 0 ${epoch} connected`
    }),
  ]
}

/**
 * The cluster that a shard becomes while its nodes change over one by one. Written at every start until the node's primary
 * speaks the protocol: then the engines keep the file themselves. A primary that does not speak it yet is never suspected,
 * since control sets a node timeout that does not pass meanwhile.
 */
function joinLines(setup: EngineSetup, join: ClusterJoin): string {
  const { binary, place, transitEncryption } = setup
  if (capabilities(binary).nodesFile === undefined)
    throw new Unavailable(
      `${binary.kind} ${binary.version} cannot change its cluster mode here; Valkey 8 and Redis 7.0 can`,
    )
  const idOfMember = ({ place: { node }, id }: ClusterJoin['members'][number]) => id ?? idOf(setup, node)
  const primary = join.members.find(member => member.place.node === join.primary)
  const primaryId = primary ? idOfMember(primary) : idOf(setup, join.primary)
  const shardId = idOf(setup, 'shard 1')
  // Where one port is told it is the one that peers use, and with TLS they use no other.
  const onePort = capabilities(binary).nodesFile === 'one port' && transitEncryption === 'preferred'
  const lines = join.members.map(member => {
    const own = member.place.node === place.node ? 'myself,' : ''
    const port = onePort ? (member.place.tlsPort ?? member.place.port) : member.place.port
    const head = `${idOfMember(member)} ${addressOf(setup, { ...member.place, port }, shardId)}`
    const tail = `0 0 ${join.configEpoch} connected`
    return member.place.node === join.primary
      ? `${head} ${own}master - ${tail} ${join.slots.map(formatRange).join(' ')}`
      : `${head} ${own}slave ${primaryId} ${tail}`
  })
  return [...lines, `vars currentEpoch ${join.currentEpoch} lastVoteEpoch 0`, ''].join('\n')
}

/** Nobody but the cluster's own nodes may know the ids beforehand: a stranger could claim one on the bus. */
const idOf = ({ controlPassword }: EngineSetup, what: string): string =>
  createHmac('sha256', controlPassword).update(`cluster ${what}`).digest('hex').slice(0, 40)

const formatRange = ({ from, to }: SlotRange): string => (from === to ? String(from) : `${from}-${to}`)

const addressOf = (setup: EngineSetup, place: NodePlace, shardId: string): string =>
  `${place.address}:${place.port}@${place.busPort}${extra(setup, place, shardId)}`

function extra(setup: EngineSetup, place: NodePlace | undefined, shardId: string): string {
  if (capabilities(setup.binary).nodesFile === 'one port') return ''
  const { transitEncryption } = setup
  const tlsPort = transitEncryption === 'off' ? 0 : transitEncryption === 'required' ? place?.port : place?.tlsPort
  return `,,tls-port=${tlsPort ?? 0},shard-id=${shardId}`
}
