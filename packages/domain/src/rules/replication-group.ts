/**
 * What the members of a CreateReplicationGroup request need of each other and of the engine, once all defaults are
 * filled in. Each rule guards one promise; their order is the order in which AWS would complain. Wording is AWS's where
 * a comment says so, ours otherwise.
 */
import { requireGroupSize } from '../catalog/quotas.ts'
import { type EngineFeature, supportedSince, supports } from '../catalog/engine-features.ts'
import type { NodeType } from '../catalog/node-types.ts'
import { type Fault, fault } from '../faults.ts'
import type { ClusterMode, EngineName, TransitEncryption } from '../resources/replication-group.ts'

export interface GroupRequest {
  readonly engine: EngineName
  readonly engineVersion: string
  readonly nodeType: NodeType
  readonly clusterMode: ClusterMode
  /** Nodes of each shard, the primary included. */
  readonly nodesOfShards: readonly number[]
  readonly automaticFailover: boolean
  readonly multiAz: boolean
  /** Zones that the subnet group offers. */
  readonly zones: readonly string[]
  readonly transitEncryption: TransitEncryption
  readonly atRestEncryption: boolean
  readonly authToken: boolean
  readonly userGroups: number
  /** As asked; undefined when the request does not say. */
  readonly dataTiering: boolean | undefined
  readonly networkType: 'ipv4' | 'ipv6' | 'dual_stack'
  readonly durability: boolean
}

type Rule = (request: GroupRequest) => void

/** Throws the first fault; returns when all promises can be kept. */
export function requireGroupCombination(request: GroupRequest): void {
  for (const rule of rules) rule(request)
}

const size: Rule = ({ engine, engineVersion, nodesOfShards, clusterMode }) => {
  if (clusterMode !== 'enabled' && nodesOfShards.length > 1) {
    throw combination('Cluster mode must be enabled for a replication group with several node groups.')
  }
  requireGroupSize(engine, engineVersion, nodesOfShards)
}

const clusterMode: Rule = request => {
  if (request.clusterMode === 'disabled') return
  requireFeature(request, 'clusterMode', 'Cluster mode')
  if (request.clusterMode === 'compatible') requireFeature(request, 'clusterModeChange', 'Cluster mode compatible')
}

/** The words for cluster mode and for too few nodes are AWS's. */
const automaticFailover: Rule = ({ automaticFailover, clusterMode, nodesOfShards, nodeType }) => {
  if (clusterMode === 'enabled' && !automaticFailover) {
    throw fault(
      'InvalidParameterValueException',
      'Redis with cluster mode enabled cannot be created with auto failover turned off.',
    )
  }
  if (!automaticFailover) return
  if (nodeType.family === 't1') throw combination('Automatic failover is not supported for T1 cache node types.')
  if (clusterMode !== 'enabled' && Math.min(...nodesOfShards) < 2) {
    throw combination(
      'When using automatic failover, there must be at least 2 cache clusters in the replication group.',
    )
  }
}

const multiAz: Rule = ({ multiAz, automaticFailover, nodesOfShards, zones }) => {
  if (!multiAz) return
  if (!automaticFailover) throw combination('Automatic failover must be enabled for Multi-AZ.')
  if (Math.min(...nodesOfShards) < 2)
    throw combination('Multi-AZ requires at least one read replica in each node group.')
  if (new Set(zones).size < 2) {
    throw combination('Multi-AZ requires a cache subnet group with subnets in at least two availability zones.')
  }
}

const encryption: Rule = request => {
  if (request.transitEncryption !== 'off') requireFeature(request, 'transitEncryption', 'Encryption in-transit')
  if (request.transitEncryption === 'preferred') {
    requireFeature(request, 'transitEncryptionChange', 'Transit encryption mode preferred')
  }
  if (request.atRestEncryption) requireFeature(request, 'atRestEncryption', 'Encryption at-rest')
}

/** Tokens and users are secrets: never without TLS, and one or the other. */
const access: Rule = request => {
  const { authToken, userGroups, transitEncryption } = request
  if (authToken && userGroups > 0) {
    throw combination(
      'Only one of AuthToken or UserGroupIds can be provided: a replication group uses one or the other.',
    )
  }
  if (authToken && transitEncryption === 'off') {
    throw combination('The AUTH token is only supported when encryption-in-transit is enabled.')
  }
  if (userGroups === 0) return
  requireFeature(request, 'rbac', 'User group based access control')
  if (userGroups > 1) throw invalid('Only one user group can be associated with a replication group.')
  if (transitEncryption === 'off') {
    throw combination('User group based access control requires encryption-in-transit to be enabled.')
  }
}

/** AWS requires the flag with r6gd types and refuses it with all others. */
const dataTiering: Rule = request => {
  const { nodeType, dataTiering } = request
  if (nodeType.dataTiering && dataTiering !== true) {
    throw combination(`DataTieringEnabled must be true for node type ${nodeType.name}.`)
  }
  if (!nodeType.dataTiering && dataTiering === true) {
    throw combination(`Data tiering is not supported for node type ${nodeType.name}.`)
  }
  if (nodeType.dataTiering) requireFeature(request, 'dataTiering', 'Data tiering')
}

const network: Rule = request => {
  if (request.networkType !== 'ipv4') requireFeature(request, 'ipv6', `Network type ${request.networkType}`)
}

const durability: Rule = request => {
  if (request.durability) requireFeature(request, 'durability', 'Durability')
}

const rules: readonly Rule[] = [
  size,
  clusterMode,
  automaticFailover,
  multiAz,
  encryption,
  access,
  dataTiering,
  network,
  durability,
]

/** Names the version that could: customers then know what to change. */
export function requireFeature(
  { engine, engineVersion }: Pick<GroupRequest, 'engine' | 'engineVersion'>,
  feature: EngineFeature,
  what: string,
): void {
  if (supports(feature, engine, engineVersion)) return
  const since = supportedSince(feature, engine)
  const hint = since === undefined ? '' : ` It is available from version ${since}.`
  throw combination(`${what} is not supported for ${engine} version ${engineVersion}.${hint}`)
}

const invalid = (message: string): Fault => fault('InvalidParameterValueException', message)
const combination = (message: string): Fault => fault('InvalidParameterCombinationException', message)
