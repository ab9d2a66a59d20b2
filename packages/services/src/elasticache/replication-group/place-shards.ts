/** From the shape to shards with ids, slots, nodes and zones: everything about them that is decided once and kept. */
import {
  evenSlots,
  fault,
  formatSlotRanges,
  nodeId,
  placeNodes,
  requireSlots,
  type ShardDesired,
  type ShardId,
  shardId,
} from '@hotshelf/domain'
import type { ShardShape } from './shape.ts'

export interface Placing {
  readonly group: string
  readonly clustered: boolean
  readonly multiAz: boolean
  /** Zones of the subnet group, in its order. */
  readonly zones: readonly string[]
  readonly createdAt: Date
}

export function placeShards(shapes: readonly ShardShape[], placing: Placing): readonly ShardDesired[] {
  const zones = [...new Set(placing.zones)]
  requireZones(shapes, zones)
  const ids = shardIds(shapes)
  const slots = slotsOf(shapes, placing.clustered)
  const placed = placeNodes(
    zones,
    shapes.map(shape => ({ existing: [], wanted: shape.zones })),
  )
  if (placing.multiAz) requireSeparateZones(placed)
  const shards = ids.map((id, index) => ({
    id,
    slots: slots?.[index],
    nodes: (placed[index] ?? []).map((availabilityZone, position) => ({
      id: nodeId(placing.group, id, position + 1, placing.clustered),
      availabilityZone,
      rebootGeneration: 0,
      createdAt: placing.createdAt.toISOString(),
    })),
  }))
  return shards.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

function requireZones(shapes: readonly ShardShape[], zones: readonly string[]): void {
  const strange = shapes.flatMap(shape => shape.zones).find(zone => zone !== undefined && !zones.includes(zone))
  if (strange === undefined) return
  throw fault(
    'InvalidParameterValueException',
    `${strange} is not an availability zone of the cache subnet group. Its zones are: ${zones.join(', ')}.`,
  )
}

/** Multi-AZ is a promise about a primary and its replicas: it cannot be kept where all of them share a zone. */
export function requireSeparateZones(shards: readonly (readonly string[])[]): void {
  if (shards.every(zones => new Set(zones).size > 1)) return
  throw fault(
    'InvalidParameterCombinationException',
    'Multi-AZ requires the nodes of a node group to be in at least two availability zones.',
  )
}

/** Shards without an id take the lowest numbers that nobody asked for. */
function shardIds(shapes: readonly ShardShape[]): readonly ShardId[] {
  const taken = new Set(shapes.map(shape => shape.id))
  let next = 1
  return shapes.map(shape => {
    if (shape.id !== undefined) return shape.id as ShardId
    while (taken.has(shardId(next))) next++
    return shardId(next++)
  })
}

function slotsOf(shapes: readonly ShardShape[], clustered: boolean): readonly string[] | undefined {
  const given = requireSlots(shapes, clustered)
  if (!clustered) return undefined
  return given ?? evenSlots(shapes.length).map(range => formatSlotRanges([range]))
}
