/** The advice for people: a table of what and why, the money, the commands. */
import { paint, table } from '../output.ts'
import type { Advice } from './advise.ts'
import { latencyMs } from './break-even.ts'

export function renderAdvice(advice: Advice): string {
  const { engine, mode, nodeType, eviction, needs, commands } = advice
  const rows = [
    ['engine', paint('bold', engine.name), engine.reason],
    ['cluster mode', paint('bold', mode.name), mode.reason],
    ['node type', paint('bold', nodeType.name), nodeType.reason],
    ['nodes', paint('bold', String(advice.nodes)), nodesReason(advice)],
    ['eviction', paint('bold', eviction.policy), eviction.reason],
  ]
  return [
    table(['', 'take', 'because'], rows),
    `${paint('bold', `About ${usd(advice.monthlyUsd)} a month`)}: ${advice.nodes} × ${usd(advice.monthlyUsd / advice.nodes)} for ${nodeType.name}, an estimate for Tokyo without transfer and snapshots.`,
    money(advice),
    commands.map(command => `  ${command}`).join('\n'),
    ...(needs.environment === 'production'
      ? ['Add --cache-subnet-group-name and --security-group-ids of your network.']
      : []),
  ].join('\n\n')
}

function nodesReason({ engine, shards, replicasPerShard, nodes }: Advice): string {
  if (engine.name === 'memcached')
    return nodes === 1 ? 'One is enough.' : `Over the zones: losing one loses a part in ${nodes} of the cache.`
  const of = shards === 1 ? '1 shard' : `${shards} shards`
  if (replicasPerShard === 0) return `${of} without replicas: a lost node loses its data.`
  return `${of}, each a primary and ${replicasPerShard === 1 ? '1 replica' : `${replicasPerShard} replicas`} in other zones.`
}

function money({ breakEven: sum, monthlyUsd }: Advice): string {
  const lines = [
    `At a hit rate of ${percent(sum.hitRate)} a read takes about ${sum.averageReadMs.toFixed(1)} ms (${latencyMs.database} ms without), and ${percent(sum.loadLeft)} of the database's load is left (${percent(sum.readShare)} of it reads).`,
  ]
  if (sum.byLoad === undefined || sum.bySize === undefined || sum.databaseUsd === undefined) {
    if (sum.databaseUsdNeeded !== undefined)
      lines.push(`It pays from a database of ${usd(sum.databaseUsdNeeded)} a month on (--database-usd to compare).`)
    return lines.join('\n')
  }
  lines.push(
    `A database paid by load: ${usd(sum.byLoad.savedUsd)} of ${usd(sum.databaseUsd)} saved; ${verdict(sum.byLoad.pays, monthlyUsd)}${needed(sum.hitRateNeeded)}`,
    `A database paid by size: ${steps(sum.bySize.stepsDown)}, ${usd(sum.bySize.savedUsd)} saved; ${verdict(sum.bySize.pays, monthlyUsd)}.`,
  )
  return lines.join('\n')
}

const verdict = (pays: boolean, cost: number): string =>
  pays ? `the cache (${usd(cost)}) pays` : `the cache (${usd(cost)}) costs more, and buys latency`

const needed = (hitRate: number | undefined): string =>
  hitRate === undefined ? '. No hit rate changes that.' : `; break-even at a hit rate of ${percent(hitRate)}.`

const steps = (count: number): string =>
  count === 0 ? 'no smaller size carries what is left' : count === 1 ? 'one size smaller' : `${count} sizes smaller`

const usd = (amount: number): string => `$${Math.round(amount).toLocaleString('en-US')}`
const percent = (part: number): string => `${Math.round(part * 100)} %`
