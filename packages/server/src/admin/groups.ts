/** `/_hotshelf/groups`: replication groups with their shards and nodes, as seen right now. */
import {
  customerArn,
  type Endpoint,
  memberStatus,
  type NodeDesired,
  type NodeId,
  type ObservedNode,
  type ReplicationGroupRow,
  replicationGroupStatus,
} from '@hotshelf/domain'
import type { Insight } from './insight.ts'
import { jsonPage } from './page.ts'
import type { GroupReport, NodeReport } from './reports.ts'
import { shownConditions } from './shown-conditions.ts'

export const groupsPage = jsonPage('/_hotshelf/groups', async ({ insight }) => {
  const rows = await insight.store.replicationGroups.listEverywhere()
  return Promise.all(rows.map(row => reportGroup(row, insight)))
})

async function reportGroup(row: ReplicationGroupRow, insight: Insight): Promise<GroupReport> {
  const { desired } = row
  const seen = row.observation?.observed
  const nodes = await insight.provider.observe(row.arn)
  const password = await insight.store.secrets.get(row.arn, 'control')
  const byId = new Map(nodes.map(node => [node.node, node]))
  const memory = new Map(await Promise.all(nodes.map(node => memoryOf(node, password, insight))))
  const nodeReport = (node: NodeDesired): NodeReport => {
    const observed = seen?.nodes[node.id]
    const running = byId.get(node.id)
    return {
      id: node.id,
      status: memberStatus(row, node.id),
      availabilityZone: node.availabilityZone,
      ...given('role', observed?.role),
      ...given('endpoint', shown(observed?.endpoint)),
      ...given('program', observed?.program),
      ...given('pid', running?.running ? running.pid : undefined),
      ...memory.get(node.id),
    }
  }
  return {
    ...headline(row),
    endpoints: {
      ...given('primary', shown(seen?.endpoints.primary ?? standaloneEndpoint(row))),
      ...given('reader', shown(seen?.endpoints.reader)),
      ...given('configuration', shown(seen?.endpoints.configuration)),
    },
    shards: desired.shards.map(shard => ({
      id: shard.id,
      ...given('slots', seen?.slots?.[shard.id] ?? shard.slots),
      nodes: shard.nodes.map(nodeReport),
    })),
  }
}

function headline(row: ReplicationGroupRow): Omit<GroupReport, 'endpoints' | 'shards'> {
  const { desired, account, region } = row
  const { engine, engineVersion, nodeType, clusterMode, transitEncryption, authToken } = desired
  return {
    arn: customerArn(row),
    id: desired.id,
    account,
    region,
    status: replicationGroupStatus(row),
    engine,
    engineVersion,
    nodeType,
    clusterMode,
    transitEncryption,
    authToken,
    ...given('failure', row.observation?.observed.failure),
    conditions: shownConditions(row.observation?.conditions ?? []),
  }
}

/** A cache cluster without a group has its node's. */
const standaloneEndpoint = ({ desired, observation }: ReplicationGroupRow): Endpoint | undefined =>
  desired.standalone ? observation?.observed.nodes[desired.id as NodeId]?.endpoint : undefined

type Memory = Pick<NodeReport, 'usedMemoryBytes' | 'maxMemoryBytes'>

/** Empty when the node does not answer in time. */
async function memoryOf(
  node: ObservedNode,
  password: string | undefined,
  insight: Insight,
): Promise<readonly [NodeId, Memory]> {
  if (!node.running || node.frozen || password === undefined) return [node.node, {}]
  try {
    const view = await insight.engine.observe({ place: node.place, password }, ['maxmemory'])
    const most = Number(view.directives.maxmemory)
    return [node.node, { usedMemoryBytes: view.usedMemoryBytes, ...(most > 0 ? { maxMemoryBytes: most } : {}) }]
  } catch {
    return [node.node, {}]
  }
}

const shown = (endpoint: Endpoint | undefined): string | undefined => endpoint && `${endpoint.host}:${endpoint.port}`

/** A member that is left out when there is nothing to say. */
function given<Name extends string, Value>(name: Name, value: Value | undefined): { readonly [N in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [N in Name]?: Value }
}
