/** Which resource an ARN of a tag call names. The order and wording of the refusals are AWS's, noted from live answers. */
import { elasticacheArn, fault, parseArn, type ParsedArn } from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'
import { clustersIn } from '../cache-cluster/find-cluster.ts'
import { findMember } from '../cache-cluster/find-member.ts'
import { findParameterGroup } from '../parameter-group/find.ts'
import { snapshotsIn } from '../snapshot/find.ts'
import { findUser } from '../user/find.ts'
import { readReach, statusOfUser } from '../user/reach.ts'
import { userGroupsIn } from '../user-group/find.ts'
import type { Tagged } from './tags.ts'

export async function findTagged(arn: string, call: Call): Promise<Tagged> {
  const { type, name } = readArn(arn, call)
  const find = kinds[type]
  if (!find) throw fault('InvalidARNFault', `resource type field is wrong: ${type}`)
  return find(name.toLowerCase(), call)
}

function readArn(text: string, call: Call): ParsedArn {
  const invalid = (message: string) => fault('InvalidARNFault', message)
  if (text.split(':').length !== 7) throw invalid('Input ARN string does not have 7 components.')
  const arn = parseArn(text)
  if (!arn) throw invalid('Input ARN string has an empty component.')
  if (arn.partition !== 'aws') throw invalid('partition field is wrong. Expected value is aws')
  if (arn.service !== 'elasticache') throw invalid('service field is wrong. Expected value is elasticache')
  const { account, region } = scopeOf(call)
  if (arn.account !== account || arn.region !== region)
    throw fault('InvalidParameterValueException', 'Unauthorized call. Please check the region or customer id')
  return arn
}

type Find = (name: string, call: Call) => Promise<Tagged>

const own = (arn: Tagged['arn']): Tagged => ({ arn, inheritedFrom: undefined })
const missing = (shape: string, name: string) => fault(shape, `${name} is either not present or not available.`)

const never =
  (shape: string): Find =>
  name =>
    Promise.reject(missing(shape, name))

const kinds: Readonly<Record<string, Find>> = {
  cluster: async (name, call) => {
    const alone = await clustersIn(call.store).find(scopeOf(call), name)
    if (alone) return own(alone.arn)
    const member = await findMember(call.store, scopeOf(call), name)
    if (!member) throw missing('CacheClusterNotFoundFault', name)
    return { arn: elasticacheArn(scopeOf(call), 'cluster', name), inheritedFrom: member.group.arn }
  },
  replicationgroup: async (name, call) => {
    const group = await call.store.replicationGroups.find(scopeOf(call), name)
    if (!group) throw missing('ReplicationGroupNotFoundFault', name)
    return own(group.arn)
  },
  subnetgroup: async (name, call) => {
    const group = await call.store.subnetGroups.find(scopeOf(call), name)
    if (!group) throw missing('CacheSubnetGroupNotFoundFault', name)
    return own(group.arn)
  },
  parametergroup: async (name, call) => {
    const group = await findParameterGroup(call.store, scopeOf(call), name)
    if (!group) throw missing('CacheParameterGroupNotFoundFault', name)
    return own(group.arn)
  },
  securitygroup: never('CacheSecurityGroupNotFoundFault'),
  snapshot: async (name, call) => {
    const snapshot = await snapshotsIn(call.store).find(scopeOf(call), name)
    if (!snapshot) throw missing('SnapshotNotFoundFault', name)
    return own(snapshot.arn)
  },
  user: async (name, call) => {
    const user = await findUser(call.store, scopeOf(call), name)
    if (!user) throw missing('UserNotFoundFault', name)
    // AWS's words: tools that tag a user who is being modified wait when they read them.
    if (statusOfUser(user, await readReach(call.store, scopeOf(call))) !== 'active')
      throw fault('UserNotFoundFault', `${name} is not available for tagging`)
    return own(user.arn)
  },
  usergroup: async (name, call) => {
    const group = await userGroupsIn(call.store).find(scopeOf(call), name)
    if (!group) throw missing('UserGroupNotFoundFault', name)
    return own(group.arn)
  },
  serverlesscache: never('ServerlessCacheNotFoundFault'),
  serverlesscachesnapshot: never('ServerlessCacheSnapshotNotFoundFault'),
  'reserved-instance': never('ReservedCacheNodeNotFoundFault'),
}
