// The package's public face: the words and laws of the field, and the ports that adapters implement.
export { Bug, Fault, fault, Unavailable } from './faults.ts'
export { type Arn, type ArnType, elasticacheArn, type ParsedArn, parseArn, type Scope } from './resources/arn.ts'
export type { Condition, Observation, Resource, ResourceKind, Row } from './resources/resource.ts'
export {
  type Endpoint,
  type NodeDesired,
  type NodeId,
  type NodeObserved,
  type NodeStatus,
  nodeId,
  type ShardId,
  shardId,
} from './resources/node.ts'
export {
  allNodes,
  type CacheClusterStatus,
  type ClusterMode,
  type EngineName,
  isForming,
  type LogDelivery,
  memberArnType,
  memberStatus,
  type ReplicationGroupDesired,
  type ReplicationGroupObserved,
  type ReplicationGroupRow,
  type ReplicationGroupStatus,
  replicationGroupStatus,
  type ShardDesired,
  shardOf,
  type TransitEncryption,
  usesClusterProtocol,
} from './resources/replication-group.ts'
export {
  cacheNodeId,
  discoveryNode,
  freeCacheNodeIds,
  type MemcachedClusterDesired,
  type MemcachedClusterObserved,
  type MemcachedClusterRow,
  memcachedClusterStatus,
  type MemcachedNodeObserved,
  memcachedNodeStatus,
  type MemcachedNodeStatus,
} from './resources/cache-cluster.ts'
export {
  type MemberNode,
  type Membership,
  parseMembership,
  renderMembership,
  sameMembers,
} from './resources/membership.ts'
export { customerArn, eventSource, standaloneKey, standaloneName, standaloneStatus } from './resources/standalone.ts'
export {
  type Direction,
  membersTag,
  type Peer,
  type RuleContent,
  type SecurityGroupDesired,
  type SecurityGroupRule,
} from './resources/security-group.ts'
export {
  type KeyMaterial,
  type KmsAliasDesired,
  kmsKeyArn,
  type KmsKeyDesired,
  type KmsKeyRow,
  kmsKeyState,
  keyMaterialSecret,
  materialsOf,
  withFreshMaterial,
} from './resources/kms-key.ts'
export { admittedSources, parseMembers } from './rules/ingress.ts'
export { digestOf } from './resources/digest.ts'
export type { ParameterGroupDesired } from './resources/parameter-group.ts'
export {
  acceptsUser,
  type AppliedAccess,
  builtInUser,
  builtInUserId,
  passwordsSecret,
  type UserAuthentication,
  type UserDesired,
  type UserRow,
  userStatus,
  type UserStatus,
} from './resources/user.ts'
export {
  presentMembers,
  type UserGroupDesired,
  type UserGroupRow,
  userGroupStatus,
  type UserGroupStatus,
} from './resources/user-group.ts'
export type { SubnetGroupDesired } from './resources/subnet-group.ts'
export { type EventEntry, type EventRecord, type EventSourceType, eventRetentionDays } from './resources/event.ts'
export {
  automaticSnapshotName,
  exportKey,
  isUnderWay,
  manifestKey,
  partKey,
  type RestoreDesired,
  type RestorePart,
  type SnapshotDesired,
  type SnapshotObserved,
  type SnapshotPart,
  type SnapshotRow,
  type SnapshotShard,
  type SnapshotSource,
  snapshotPlace,
  snapshotShards,
  snapshotSource,
  type SnapshotStatus,
  snapshotStatus,
  type SnapshotWork,
  takes,
} from './resources/snapshot.ts'
export type { Tag } from './resources/tag.ts'
export {
  type AuditAttribute,
  auditAttributes,
  type AuditEntry,
  type AuditKind,
  auditKinds,
  type AuditRecord,
  type AuditResource,
} from './resources/audit.ts'
export {
  type AccessKeyDesired,
  accessKeyArn,
  type AccessKeyRow,
  accessKeyScope,
  accessKeySecret,
  userArn,
} from './resources/access-key.ts'
export {
  type AskedPermission,
  judge,
  type Policy,
  type PolicyStatement,
  type ReadPolicy,
  readPolicy,
  type Verdict,
} from './rules/policy.ts'
export type { Clock } from './ports/clock.ts'
export type { Doorbell } from './ports/doorbell.ts'
export {
  AlreadyExists,
  type AuditFilter,
  type AuditLog,
  type EventFilter,
  type EventLog,
  type Facts,
  type ForeignKind,
  type Leases,
  type NewResource,
  type Observations,
  type Repository,
  type Secrets,
  type Store,
  type Tags,
} from './ports/store.ts'
export { editedFile } from './ports/node-provider.ts'
export type {
  NodeFile,
  NodeFileEdit,
  NodeLaunch,
  NodePlace,
  NodeProvider,
  NodeRef,
  ObservedNode,
  PlaceRequest,
} from './ports/node-provider.ts'
export type {
  Address,
  EndpointPlace,
  EndpointProvider,
  EndpointRequest,
  EndpointRole,
  ObservedEndpoint,
} from './ports/endpoint-provider.ts'
export type {
  CacheEngine,
  CacheUser,
  ClusterJoin,
  ClusterPeer,
  ClusterView,
  ControlTarget,
  CustomerAccess,
  Directive,
  EngineCommand,
  EngineFiles,
  EngineSetup,
  EngineView,
  InstalledEngine,
  SeedShard,
  SlotMove,
  SlotMoveResult,
  SlotRange,
} from './ports/cache-engine.ts'
export type { DiscoverySetup, MemcachedEngine, MemcachedSetup, MemcachedView } from './ports/memcached-engine.ts'
export { BadData, type DataCounts, type DataFormat, type DataHead } from './ports/data-format.ts'
export {
  type Buckets,
  NoSuchBucket,
  NoSuchFile,
  type SnapshotStorage,
  type StoredFile,
} from './ports/snapshot-storage.ts'
export { memcachedArguments } from './catalog/parameters/memcached-arguments.ts'
export { bestReplica, type Candidate } from './topology/best-replica.ts'
export {
  evenSlots,
  formatSlotRanges,
  normalise as normaliseSlots,
  parseSlotRanges,
  slotCount,
  subtractSlots,
  totalSlots,
} from './topology/slot-ranges.ts'
export { placeNodes, type ShardPlacement } from './topology/placement.ts'
export {
  compareVersions,
  defaultEngineVersion,
  describeEngineVersions,
  type EngineKind,
  type EngineVersion,
  engineVersion,
  isEngineKind,
  resolveEngineVersion,
} from './catalog/engine-versions.ts'
export { type EngineFeature, supportedSince, supports } from './catalog/engine-features.ts'
export { requireEngineChange } from './catalog/engine-upgrades.ts'
export { type EngineChoice, installedEngineFor, tlsRefusal } from './catalog/installed-engine.ts'
export { maxmemoryBytes, type NodeType, nodeType, nodeTypes } from './catalog/node-types.ts'
export { allowedScaleDowns, allowedScaleUps, runsOn } from './catalog/node-type-changes.ts'
export {
  type NodeTypeParameterDefinition,
  type ParameterDefinition,
  type ParameterValues,
} from './catalog/parameters/definition.ts'
export {
  defaultParameterGroup,
  defaultParameterGroupName,
  defaultParameterGroups,
  isDefaultParameterGroup,
  isParameterFamily,
  type ParameterFamily,
  parameterFamilies,
} from './catalog/parameters/families.ts'
export { effectiveParameters, familyParameter, familyParameters } from './catalog/parameters/family-parameters.ts'
export { maxmemoryFor, nodeTypeParameters, reservedMemory } from './catalog/parameters/node-type-parameters.ts'
export { engineDirectives, type EngineDirective } from './catalog/parameters/engine-directives.ts'
export { familyCanCluster, familyEngine } from './catalog/parameters/families.ts'
export { changedParameters } from './catalog/parameters/family-parameters.ts'
export { nodesPerShard, overQuota, quotas, requireGroupSize, requireWithinQuota } from './catalog/quotas.ts'
export { hasAclCategory, hasAclCommand, hasSubcommands } from './catalog/acl-commands.ts'
export { restrictedCommands, restrictedReplication, restrictedSubcommands } from './catalog/restricted-commands.ts'
export { isSwitchedOn, requireAccessString, splitRules } from './rules/access-string.ts'
export {
  type AuthenticationRequest,
  readCredentials,
  requireUserCombination,
  requireUserEngine,
  requireUserGroupMembers,
  requireUserName,
  type UserCredentials,
} from './rules/user.ts'
export { requireAuthToken } from './rules/auth-token.ts'
export { chooseWindows } from './rules/default-windows.ts'
export { requireIdentifier } from './rules/identifiers.ts'
export {
  type NodeGroupRequest,
  replicasOf,
  requireDistinctNodeGroups,
  requireNodeGroupId,
  requireSlots,
} from './rules/node-group-configuration.ts'
export { mostParametersPerCall, requireParameterChanges, requireParameterResets } from './rules/parameter-value.ts'
export { requirePort } from './rules/ports.ts'
export { type GroupRequest, requireFeature, requireGroupCombination } from './rules/replication-group.ts'
export { requireClusterCount, requireReplicaCount, requireShardCount } from './rules/shard-counts.ts'
export { type ClusterModeChange, requireClusterModeChange, withSlots } from './rules/cluster-mode-change.ts'
export { withoutNodes } from './rules/remove-nodes.ts'
export { fitsIn, requireScaleDownFits } from './rules/scale-down.ts'
export { requireTransitEncryptionChange, type TransitEncryptionChange } from './rules/transit-encryption-change.ts'
export { requireSnapshotRetention, requireSnapshotsSupported } from './rules/snapshot-retention.ts'
export {
  memoryOfTargets,
  newestFormat,
  readsFormat,
  requireReadable,
  requireRoomFor,
  requireSnapshotName,
  type WeighedPart,
} from './rules/snapshots.ts'
export { requireSubnets, requireSubnetsStay } from './rules/subnets.ts'
export { requireTagKey, requireTags } from './rules/tags.ts'
export {
  maintenanceWindowIsOpen,
  requireMaintenanceWindow,
  requireSnapshotWindow,
  requireWindowsApart,
  snapshotWindowOpenedAt,
} from './rules/windows.ts'
export { type ShardSlots, slotTargets } from './topology/slot-targets.ts'
export {
  type Durability,
  durabilityDirectives,
  durabilityOf,
  keepsLog,
  logDirectory,
  logManifest,
} from './rules/durability.ts'
export { commonSlots, type ShardChange, type ShardMove, slotMoves } from './topology/slot-moves.ts'
export { type SlotMigration, slotMigration } from './resources/slot-migration.ts'
