/** The report for people. `--json` gives the same facts to scripts. */
import { bytes, paint, table } from '../output.ts'
import { checklistOf, unknownsOf } from './checklist.ts'
import { type GroupFacts, type NodeFacts } from './facts.ts'
import type { GroupFinding, Level } from './finding.ts'
import { isBig } from './findings/keys.ts'
import { usedPart } from './findings/memory.ts'
import { expiresIn, keysIn, numberIn } from './info.ts'
import { patternsOf } from './patterns.ts'

const levelStyle = { problem: 'red', warning: 'yellow', advice: 'cyan' } as const
const paintState = (state: Level | 'ok'): string => paint(state === 'ok' ? 'green' : levelStyle[state], state)

export function renderReport(facts: GroupFacts, findings: readonly GroupFinding[]): string {
  const sections = [
    heading(facts),
    nodes(facts),
    biggest(facts),
    weight(facts),
    `Checklist\n${table(
      ['', 'subject', 'found'],
      checklistOf(findings).map(({ state, item, found }) => [paintState(state), item, cut(found)]),
    )}`,
    findings.length === 0
      ? 'Nothing was found that should be changed.'
      : `Findings\n\n${findings.map(paragraph).join('\n\n')}`,
    `What this does not know\n${
      unknownsOf(facts)
        .map(line => `  ${line}`)
        .join('\n') || '  nothing that it looks for'
    }`,
  ]
  return sections.filter(section => section !== '').join('\n\n')
}

/** For one line of a table. */
const cut = (text: string): string => (text.length <= 110 ? text : `${text.slice(0, 109)}…`)

function heading(facts: GroupFacts): string {
  const keys = facts.samples.reduce((sum, sample) => sum + sample.keys.length, 0)
  const where = facts.samples.some(sample => sample.onReplica) ? 'on replicas' : 'on primaries'
  return `${paint('bold', facts.id)}  looked at ${keys} keys ${where} with ${facts.commandsSent} commands in ${facts.seconds.toFixed(1)} s`
}

function nodes(facts: GroupFacts): string {
  const head = [
    'node',
    'role',
    'policy',
    'keys',
    'no TTL',
    'memory',
    'used',
    'frag.',
    'evicted',
    'hits',
    'clients',
    'slow',
  ]
  return table(head, facts.nodes.map(nodeRow))
}

function nodeRow(node: NodeFacts): readonly string[] {
  if (node.unreachable !== undefined)
    return [node.id, paint('red', 'no answer'), ...Array.from({ length: 10 }, () => '-')]
  const { info } = node
  const keys = keysIn(info)
  const reads = numberIn(info, 'keyspace_hits') + numberIn(info, 'keyspace_misses')
  return [
    node.id,
    node.role,
    info.get('maxmemory_policy') ?? '-',
    String(keys),
    String(keys - expiresIn(info)),
    bytes(numberIn(info, 'used_memory')),
    numberIn(info, 'maxmemory') > 0 ? `${Math.round(usedPart(node) * 100)} %` : '-',
    info.get('mem_fragmentation_ratio') ?? '-',
    String(numberIn(node.later.size > 0 ? node.later : info, 'evicted_keys')),
    reads === 0 ? '-' : `${Math.round((numberIn(info, 'keyspace_hits') / reads) * 100)} %`,
    String(numberIn(info, 'connected_clients')),
    node.slow === undefined ? '-' : String(node.slow.length),
  ]
}

/** The largest of each type, as `--bigkeys` of the engines' own clients shows them. */
function biggest(facts: GroupFacts): string {
  const keys = facts.samples.flatMap(sample => sample.keys)
  const types = [...new Set(keys.map(key => key.type))].toSorted()
  if (types.length === 0) return ''
  const rows = types.map(type => {
    const largest = keys.filter(key => key.type === type).reduce((most, key) => (key.bytes > most.bytes ? key : most))
    return [type, largest.key, bytes(largest.bytes), String(largest.length ?? '-'), largest.encoding]
  })
  return `The largest of each type\n${table(['type', 'key', 'memory', 'length', 'encoding'], rows)}`
}

function weight(facts: GroupFacts): string {
  const patterns = patternsOf(facts, () => true).slice(0, 10)
  if (patterns.length === 0) return ''
  const rows = patterns.map(pattern => [
    pattern.name,
    pattern.type,
    `${pattern.estimated ? '~' : ''}${pattern.keys}`,
    `${pattern.estimated ? '~' : ''}${bytes(pattern.bytes)}`,
    bytes(Math.round(pattern.bytes / Math.max(1, pattern.keys))),
    `${Math.round((pattern.withoutTtl / Math.max(1, pattern.keys)) * 100)} %`,
  ])
  return `What takes the memory\n${table(['keys', 'type', 'count', 'memory', 'each', 'no TTL'], rows)}`
}

const paragraph = ({ level, topic, thing, found, todo, command }: GroupFinding): string =>
  [
    `${paintState(level)}  ${topic}: ${paint('bold', thing)}`,
    `  ${found}`,
    `  ${todo}`,
    ...(command === undefined ? [] : [`  $ ${command}`]),
  ].join('\n')

/** For scripts: everything that the report is made of, but for the thousands of single keys. */
export const reportForScripts = (facts: GroupFacts, findings: readonly GroupFinding[]): object => ({
  id: facts.id,
  seconds: facts.seconds,
  commandsSent: facts.commandsSent,
  findings,
  checklist: checklistOf(findings),
  unknown: unknownsOf(facts),
  nodes: facts.nodes.map(({ id, shard, role, unreachable, info, slow, latency, opinion }) => ({
    id,
    shard,
    role,
    ...(unreachable === undefined ? {} : { unreachable }),
    keys: keysIn(info),
    keysWithTtl: expiresIn(info),
    memoryDoctor: opinion,
    slow,
    latency,
    info: Object.fromEntries([...info].filter(([name]) => shownFields.has(name))),
  })),
  samples: facts.samples.map(({ keys, ...sample }) => ({ ...sample, looked: keys.length })),
  patterns: patternsOf(facts, () => true)
    .slice(0, 100)
    .map(({ example, ...pattern }) => ({ ...pattern, example: example.key })),
  bigKeys: facts.samples
    .flatMap(({ keys }) => keys.filter(isBig))
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, 1000),
})

const shownFields = new Set([
  'used_memory',
  'used_memory_rss',
  'used_memory_peak',
  'used_memory_dataset',
  'used_memory_overhead',
  'maxmemory',
  'maxmemory_policy',
  'mem_fragmentation_ratio',
  'mem_fragmentation_bytes',
  'allocator_frag_ratio',
  'evicted_keys',
  'expired_keys',
  'keyspace_hits',
  'keyspace_misses',
  'connected_clients',
  'maxclients',
  'rejected_connections',
  'instantaneous_ops_per_sec',
])
