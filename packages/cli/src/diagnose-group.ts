/** The work of `hotshelf doctor <id>`: finds the group's nodes as `connect` finds its endpoints, looks, and reports. */
import {
  type CacheCluster,
  DescribeCacheParametersCommand,
  type ElastiCacheClient,
  paginateDescribeCacheClusters,
} from '@aws-sdk/client-elasticache'
import { askForToken } from './ask-for-token.ts'
import type { Remote } from './commands/command.ts'
import { Failed } from './failed.ts'
import { findingsOf } from './group-doctor/findings.ts'
import { type GroupPlace, type LookProgress, lookAtGroup } from './group-doctor/look-at-group.ts'
import { renderReport, reportForScripts } from './group-doctor/render.ts'
import { openProgress } from './progress.ts'
import { reachableHost } from './reachable-host.ts'
import { describeGroup, endpointTarget } from './target.ts'

export interface GroupDoctorOptions {
  readonly sample?: number
  readonly maxSeconds: number
  readonly region?: string
}

export interface Diagnosis extends Remote {
  readonly id: string
  readonly options: GroupDoctorOptions
}

/** The exit code: 1 when there is a problem. */
export async function diagnoseGroup({ id, options, server, output }: Diagnosis): Promise<number> {
  const health = await server.health()
  const client = await server.elasticache(options.region ?? health.region)
  try {
    const place = await placeOf(
      client,
      id,
      host => reachableHost(host, health.names),
      () => server.authorityPem(),
    )
    const progress = openProgress(output)
    const { sample, maxSeconds } = options
    const facts = await lookAtGroup(place, { sample, maxSeconds, onProgress: seen => progress.show(sentence(seen)) })
    progress.end()
    const reached = facts.nodes.find(node => node.unreachable === undefined)
    if (!reached) throw nobodyAnswers(id, facts.nodes[0]?.unreachable)
    const findings = findingsOf(facts)
    output.say(output.json ? JSON.stringify(reportForScripts(facts, findings)) : renderReport(facts, findings))
    return findings.some(({ level }) => level === 'problem') ? 1 : 0
  } finally {
    client.destroy()
  }
}

const sentence = ({ keys, shards, shardsDone }: LookProgress): string =>
  `looked at ${keys} keys, ${shardsDone} of ${shards} shards done`

const nobodyAnswers = (id: string, why = 'it has no node yet'): Failed =>
  new Failed(
    `No node of ${id} lets itself be asked: ${why}.`,
    /WRONGPASS|NOAUTH/.test(why)
      ? 'Put the AUTH token of the group into HOTSHELF_AUTH_TOKEN.'
      : `\`hotshelf status ${id}\` shows how far it is, \`hotshelf plan ${id}\` what is done next.`,
  )

async function placeOf(
  client: ElastiCacheClient,
  id: string,
  reach: (host: string) => Promise<string>,
  authorityPem: () => Promise<string>,
): Promise<GroupPlace> {
  const group = await describeGroup(client, id)
  const members = await membersOf(client, group.MemberClusters ?? [], id)
  const shards = (group.NodeGroups ?? []).flatMap(shard =>
    (shard.NodeGroupMembers ?? []).map(node => [node.CacheClusterId ?? '', shard.NodeGroupId ?? ''] as const),
  )
  const shardOf = new Map(shards)
  const nodes = members.map(member => {
    const target = endpointTarget(group, member.CacheNodes?.[0]?.Endpoint, false)
    const node = member.CacheClusterId ?? ''
    return { id: node, shard: shardOf.get(node) ?? '', ...target }
  })
  const authority = nodes.some(node => node.tls) ? await authorityPem() : undefined
  const token = nodes.some(node => node.auth) ? await askForToken(id) : undefined
  const parameterGroup = members[0]?.CacheParameterGroup?.CacheParameterGroupName
  return {
    id,
    engine: group.Engine ?? 'valkey',
    nodeType: group.CacheNodeType ?? 'the present one',
    clusterMode: group.ClusterEnabled === true,
    parameterGroup,
    parameters: await parametersOf(client, parameterGroup),
    nodes: await Promise.all(
      nodes.map(async node => ({
        id: node.id,
        shard: node.shard,
        host: await reach(node.host),
        port: node.port,
        authority: node.tls ? authority : undefined,
        token,
      })),
    ),
  }
}

async function membersOf(
  client: ElastiCacheClient,
  wanted: readonly string[],
  id: string,
): Promise<readonly CacheCluster[]> {
  const found: CacheCluster[] = []
  for await (const page of paginateDescribeCacheClusters({ client, pageSize: 100 }, { ShowCacheNodeInfo: true })) {
    found.push(...(page.CacheClusters ?? []).filter(node => wanted.includes(node.CacheClusterId ?? '')))
  }
  // A node that is still being made has no endpoint to ask.
  const reachable = found.filter(node => node.CacheNodes?.[0]?.Endpoint?.Address !== undefined)
  if (reachable.length > 0) return reachable
  throw nobodyAnswers(id)
}

/** Empty when they cannot be read: the engines' own defaults are assumed then. */
async function parametersOf(client: ElastiCacheClient, name: string | undefined): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  if (name === undefined) return found
  let Marker: string | undefined
  do {
    const page = await client.send(
      new DescribeCacheParametersCommand({
        CacheParameterGroupName: name,
        ...(Marker === undefined ? {} : { Marker }),
      }),
    )
    for (const { ParameterName, ParameterValue } of page.Parameters ?? [])
      if (ParameterName !== undefined && ParameterValue !== undefined) found.set(ParameterName, ParameterValue)
    Marker = page.Marker
  } while (Marker)
  return found
}
