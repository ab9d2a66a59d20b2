/**
 * What a request's NodeGroupConfiguration must agree on: ids once each, slots for all shards or for none and every slot
 * exactly once, as many replica zones as replicas. The wording is ours.
 */
import { type Fault, fault } from '../faults.ts'
import { formatSlotRanges, normalise, slotCount, totalSlots } from '../topology/slot-ranges.ts'
import type { SlotRange } from '../ports/cache-engine.ts'
import { requireReplicaCount } from './shard-counts.ts'

export interface NodeGroupRequest {
  readonly id: string | undefined
  readonly slots: string | undefined
  readonly replicaCount: number | undefined
  readonly replicaZones: readonly string[]
}

/** Replicas of a shard: what it says itself, else what all shards have, else as many as zones are named. */
export function replicasOf({ replicaCount, replicaZones }: NodeGroupRequest, common: number | undefined): number {
  const replicas = replicaCount ?? common ?? replicaZones.length
  requireReplicaCount(replicas)
  if (replicaZones.length > 0 && replicaZones.length !== replicas) {
    throw combination('The number of ReplicaAvailabilityZones must equal the number of replicas of the node group.')
  }
  return replicas
}

/** Four digits, `0001` to `9999`; shorter ones are padded. */
export function requireNodeGroupId(text: string): string {
  if (!/^\d{1,4}$/.test(text) || Number(text) === 0) {
    throw invalid(`${text} is not a valid NodeGroupId: 0001 to 9999.`)
  }
  return text.padStart(4, '0')
}

export function requireDistinctNodeGroups(groups: readonly NodeGroupRequest[]): void {
  const ids = groups.flatMap(({ id }) => (id === undefined ? [] : [requireNodeGroupId(id)]))
  const twice = ids.find((id, at) => ids.indexOf(id) !== at)
  if (twice !== undefined) throw invalid(`NodeGroupConfiguration names NodeGroupId ${twice} twice.`)
}

/** Each shard's slots in AWS's form; undefined when the request leaves the choice to ElastiCache. */
export function requireSlots(
  groups: readonly Pick<NodeGroupRequest, 'slots'>[],
  clusterMode: boolean,
): readonly string[] | undefined {
  const given = groups.flatMap(({ slots }) => (slots === undefined || slots === '' ? [] : [slots]))
  if (given.length === 0) return undefined
  if (!clusterMode) throw invalid('Slots can be given only for a replication group with cluster mode enabled.')
  if (given.length < groups.length) throw invalid('Slots must be given for every node group or for none.')
  const ranges = given.map(readRanges)
  const all = ranges.flat()
  if (slotCount(all) !== totalSlots || slotCount(normalise(all)) !== totalSlots) {
    throw invalid(`The slots of all node groups must cover 0 to ${totalSlots - 1}, each slot once.`)
  }
  return ranges.map(own => formatSlotRanges(normalise(own)))
}

/** Ranges as written, so that a slot named twice within one shard still counts twice. */
function readRanges(text: string): readonly SlotRange[] {
  return text.split(',').map(part => {
    const match = /^\s*(\d{1,5})(?:\s*-\s*(\d{1,5}))?\s*$/.exec(part)
    if (!match) throw invalid(`Slots ${text} cannot be read. Example: 0-3999`)
    const [from, to] = [Number(match[1]), Number(match[2] ?? match[1])]
    if (to < from || to >= totalSlots) throw invalid(`Slots must be ranges within 0 and ${totalSlots - 1}.`)
    return { from, to }
  })
}

const invalid = (message: string): Fault => fault('InvalidParameterValueException', message)
const combination = (message: string): Fault => fault('InvalidParameterCombinationException', message)
