/** ElastiCache's operations, one line each. What is not here is answered as not built, by name. */
import { createCacheCluster } from './cache-cluster/create-cache-cluster.ts'
import { deleteCacheCluster } from './cache-cluster/delete-cache-cluster.ts'
import { describeCacheClusters } from './cache-cluster/describe-cache-clusters.ts'
import { listAllowedNodeTypeModifications } from './cache-cluster/list-allowed-node-type-modifications.ts'
import { modifyCacheCluster } from './cache-cluster/modify-cache-cluster.ts'
import { rebootCacheCluster } from './cache-cluster/reboot-cache-cluster.ts'
import { describeCacheEngineVersions } from './engine-version/describe-cache-engine-versions.ts'
import { describeEvents } from './event/describe-events.ts'
import type { ElastiCacheOperations } from './operation.ts'
import { createCacheParameterGroup } from './parameter-group/create-cache-parameter-group.ts'
import { deleteCacheParameterGroup } from './parameter-group/delete-cache-parameter-group.ts'
import { describeCacheParameterGroups } from './parameter-group/describe-cache-parameter-groups.ts'
import { describeCacheParameters } from './parameter-group/describe-cache-parameters.ts'
import { describeEngineDefaultParameters } from './parameter-group/describe-engine-default-parameters.ts'
import { modifyCacheParameterGroup } from './parameter-group/modify-cache-parameter-group.ts'
import { resetCacheParameterGroup } from './parameter-group/reset-cache-parameter-group.ts'
import { createReplicationGroup } from './replication-group/create-replication-group.ts'
import { decreaseReplicaCount } from './replication-group/decrease-replica-count.ts'
import { deleteReplicationGroup } from './replication-group/delete-replication-group.ts'
import { describeReplicationGroups } from './replication-group/describe-replication-groups.ts'
import { increaseReplicaCount } from './replication-group/increase-replica-count.ts'
import { modifyReplicationGroup } from './replication-group/modify-replication-group.ts'
import { modifyReplicationGroupShardConfiguration } from './replication-group/modify-shard-configuration.ts'
import { testFailover } from './replication-group/test-failover.ts'
import { describeCacheSecurityGroups } from './security-group/describe-cache-security-groups.ts'
import { copySnapshot } from './snapshot/copy-snapshot.ts'
import { createSnapshot } from './snapshot/create-snapshot.ts'
import { deleteSnapshot } from './snapshot/delete-snapshot.ts'
import { describeSnapshots } from './snapshot/describe-snapshots.ts'
import { createCacheSubnetGroup } from './subnet-group/create-cache-subnet-group.ts'
import { deleteCacheSubnetGroup } from './subnet-group/delete-cache-subnet-group.ts'
import { describeCacheSubnetGroups } from './subnet-group/describe-cache-subnet-groups.ts'
import { modifyCacheSubnetGroup } from './subnet-group/modify-cache-subnet-group.ts'
import { addTagsToResource } from './tag/add.ts'
import { listTagsForResource } from './tag/list.ts'
import { removeTagsFromResource } from './tag/remove.ts'
import { createUser } from './user/create-user.ts'
import { deleteUser } from './user/delete-user.ts'
import { describeUsers } from './user/describe-users.ts'
import { modifyUser } from './user/modify-user.ts'
import { createUserGroup } from './user-group/create-user-group.ts'
import { deleteUserGroup } from './user-group/delete-user-group.ts'
import { describeUserGroups } from './user-group/describe-user-groups.ts'
import { modifyUserGroup } from './user-group/modify-user-group.ts'

export const elasticache: ElastiCacheOperations = {
  CreateReplicationGroup: createReplicationGroup,
  ModifyReplicationGroup: modifyReplicationGroup,
  ModifyReplicationGroupShardConfiguration: modifyReplicationGroupShardConfiguration,
  DeleteReplicationGroup: deleteReplicationGroup,
  DescribeReplicationGroups: describeReplicationGroups,
  IncreaseReplicaCount: increaseReplicaCount,
  DecreaseReplicaCount: decreaseReplicaCount,
  TestFailover: testFailover,
  CreateCacheCluster: createCacheCluster,
  ModifyCacheCluster: modifyCacheCluster,
  RebootCacheCluster: rebootCacheCluster,
  DeleteCacheCluster: deleteCacheCluster,
  DescribeCacheClusters: describeCacheClusters,
  ListAllowedNodeTypeModifications: listAllowedNodeTypeModifications,
  CreateCacheSubnetGroup: createCacheSubnetGroup,
  ModifyCacheSubnetGroup: modifyCacheSubnetGroup,
  DeleteCacheSubnetGroup: deleteCacheSubnetGroup,
  DescribeCacheSubnetGroups: describeCacheSubnetGroups,
  CreateCacheParameterGroup: createCacheParameterGroup,
  ModifyCacheParameterGroup: modifyCacheParameterGroup,
  ResetCacheParameterGroup: resetCacheParameterGroup,
  DeleteCacheParameterGroup: deleteCacheParameterGroup,
  DescribeCacheParameterGroups: describeCacheParameterGroups,
  DescribeCacheParameters: describeCacheParameters,
  DescribeEngineDefaultParameters: describeEngineDefaultParameters,
  DescribeCacheEngineVersions: describeCacheEngineVersions,
  DescribeCacheSecurityGroups: describeCacheSecurityGroups,
  CreateSnapshot: createSnapshot,
  CopySnapshot: copySnapshot,
  DeleteSnapshot: deleteSnapshot,
  DescribeSnapshots: describeSnapshots,
  CreateUser: createUser,
  ModifyUser: modifyUser,
  DeleteUser: deleteUser,
  DescribeUsers: describeUsers,
  CreateUserGroup: createUserGroup,
  ModifyUserGroup: modifyUserGroup,
  DeleteUserGroup: deleteUserGroup,
  DescribeUserGroups: describeUserGroups,
  DescribeEvents: describeEvents,
  AddTagsToResource: addTagsToResource,
  RemoveTagsFromResource: removeTagsFromResource,
  ListTagsForResource: listTagsForResource,
}
