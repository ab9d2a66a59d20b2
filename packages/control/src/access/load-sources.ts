/**
 * Where clients of a cache may come from, by its security groups. A group that is gone lets nobody in; a cache that has
 * none at all lets everybody in.
 */
import { admittedSources, type ReplicationGroupRow, type SecurityGroupDesired, type Store } from '@hotshelf/domain'

export async function loadSources(row: ReplicationGroupRow, store: Store): Promise<readonly string[] | undefined> {
  const { securityGroupIds, port } = row.desired
  if (securityGroupIds.length === 0) return undefined
  const all = await store.repository<SecurityGroupDesired>('security-group').list(row)
  const groups = all.filter(({ name }) => securityGroupIds.includes(name)).map(({ desired }) => desired)
  const named = new Set(groups.flatMap(({ rules }) => rules).map(({ peer }) => peer.value))
  const peers = all.filter(({ name }) => named.has(name))
  const tags = peers.length > 0 ? await store.tags.ofMany(peers.map(({ arn }) => arn)) : new Map()
  return admittedSources(
    groups,
    port,
    peers.map(({ arn, desired }) => ({ group: desired, tags: tags.get(arn) ?? [] })),
  )
}
