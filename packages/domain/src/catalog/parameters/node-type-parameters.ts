/**
 * Parameters whose value follows from the node type: memory, replica buffers and connections of Redis and Valkey, memory
 * and threads of Memcached. DescribeEngineDefaultParameters lists them apart from the others.
 */
import { runsOn } from '../node-type-changes.ts'
import { defaultReservedMemoryPercent, maxmemoryBytes, type NodeType, nodeTypes } from '../node-types.ts'
import { byParameterName, type NodeTypeParameterDefinition, type ParameterValues } from './definition.ts'
import { familyEngine, firstVersionOf, isMemcachedFamily, type ParameterFamily, redisLine } from './families.ts'

interface NodeTypeParameter {
  readonly name: string
  readonly allowedValues: string
  readonly description: string
  readonly valueOf: (type: NodeType) => number | undefined
}

const memcached: readonly NodeTypeParameter[] = [
  {
    name: 'max_cache_memory',
    allowedValues: '1-',
    description: 'Megabytes of the node for items and connections.',
    valueOf: type => type.memcachedMegabytes,
  },
  { name: 'num_threads', allowedValues: '1-96', description: 'Worker threads.', valueOf: type => type.vcpus },
]

/** Redis 5 renamed what it used to call slaves. */
function redisFamily(replica: 'slave' | 'replica'): readonly NodeTypeParameter[] {
  return [
    {
      name: `client-output-buffer-limit-${replica}-hard-limit`,
      allowedValues: '0-',
      description: 'Bytes waiting for a replica at which it is disconnected.',
      valueOf: type => type.replicaOutputBufferBytes,
    },
    {
      name: `client-output-buffer-limit-${replica}-soft-limit`,
      allowedValues: '0-',
      description: 'Bytes waiting for a replica at which it is disconnected once that has lasted for the soft seconds.',
      valueOf: type => type.replicaOutputBufferBytes,
    },
    {
      name: 'maxmemory',
      allowedValues: '0-',
      description: 'Bytes of the node for data and what is reserved.',
      valueOf: type => type.maxmemoryBytes,
    },
  ]
}

function parametersOf(family: ParameterFamily): readonly NodeTypeParameter[] {
  if (isMemcachedFamily(family)) return memcached
  return redisFamily(redisLine.indexOf(family) < redisLine.indexOf('redis5.0') ? 'slave' : 'replica')
}

/** Which types a family is described for: those that run at least one of its versions. */
function typesOf(family: ParameterFamily): readonly NodeType[] {
  const engine = familyEngine(family)
  // The highest version a family could have: a type that came with a later patch belongs to it, too.
  const [major, minor] = firstVersionOf[family].split('.')
  const version = isMemcachedFamily(family) ? `${major}.${minor}.99` : `${major}.99.99`
  return nodeTypes.filter(type => runsOn(type, { engine, version }))
}

/** In AWS's order; values sorted by node type. */
export const nodeTypeParameters = (family: ParameterFamily): readonly NodeTypeParameterDefinition[] =>
  parametersOf(family)
    .map(({ name, allowedValues, description, valueOf }) => ({
      name,
      description,
      dataType: 'integer' as const,
      allowedValues,
      modifiable: 'never' as const,
      changeType: isMemcachedFamily(family) ? ('requires-reboot' as const) : ('immediate' as const),
      minimumEngineVersion: firstVersionOf[family],
      values: typesOf(family).flatMap(type => {
        const value = valueOf(type)
        return value === undefined ? [] : [{ nodeType: type.name, value: String(value) }]
      }),
    }))
    .toSorted(byParameterName)

/** A type's own values; `maxclients` among them, which small types have fewer of. */
export function nodeTypeValues(family: ParameterFamily, type: NodeType): ParameterValues {
  const own = parametersOf(family).flatMap(({ name, valueOf }) => {
    const value = valueOf(type)
    return value === undefined ? [] : [[name, String(value)] as const]
  })
  return {
    ...Object.fromEntries(own),
    ...(isMemcachedFamily(family) ? {} : { maxclients: String(type.maxClients) }),
  }
}

/** What a parameter group keeps from customers: percent of the type's maxmemory, or bytes in old families. */
export function reservedMemory(values: ParameterValues): number | { readonly bytes: number } {
  const bytes = values['reserved-memory']
  if (bytes !== undefined) return { bytes: Number(bytes) }
  return Number(values['reserved-memory-percent'] ?? defaultReservedMemoryPercent)
}

/** Bytes that customers may fill, with what their parameter group reserves. */
export const maxmemoryFor = (type: NodeType, values: ParameterValues): number =>
  maxmemoryBytes(type, reservedMemory(values))
