/** The commands that findings hand to the reader, as a shell takes them. */
import type { GroupFacts } from './facts.ts'
import { shellWord } from './key-name.ts'

const inDatabase = (db: number): string => (db === 0 ? '' : `-n ${db} `)

/** Through the endpoint, which leads to the key wherever it lives. */
export const keyCommand = (group: GroupFacts, db: number, command: string, key: string, rest = ''): string =>
  `hotshelf connect ${group.id} -- ${inDatabase(db)}${command} ${shellWord(key)}${rest === '' ? '' : ` ${rest}`}`

export const nodeCommand = (group: GroupFacts, node: string, command: string): string =>
  `hotshelf connect ${group.id} --node ${node} -- ${command}`

/** Keys of a pattern, found by SCAN. Its stars are the cli's, so they are quoted. */
export const scanCommand = (group: GroupFacts, node: string, pattern: string): string =>
  nodeCommand(group, node, `--scan --pattern ${shellWord(pattern)} --count 100`)

/** A group of default parameters cannot be changed: one of its own comes first. */
export function parameterCommand(group: GroupFacts, name: string, value: string): string {
  const own = group.parameterGroup
  const change = (parameterGroup: string) =>
    `aws elasticache modify-cache-parameter-group --cache-parameter-group-name ${parameterGroup} --parameter-name-values ParameterName=${name},ParameterValue=${value}`
  if (own !== undefined && !own.startsWith('default.')) return change(own)
  const family = own === undefined ? '<family>' : own.replace(/^default\./, '').replace(/\.cluster\.on$/, '')
  const made = `${group.id}-parameters`
  const first = group.clusterMode ? [`ParameterName=cluster-enabled,ParameterValue=yes`] : []
  return [
    `aws elasticache create-cache-parameter-group --cache-parameter-group-name ${made} --cache-parameter-group-family ${family} --description ${group.id}`,
    [change(made), ...first].join(' '),
    `aws elasticache modify-replication-group --replication-group-id ${group.id} --cache-parameter-group-name ${made} --apply-immediately`,
  ].join(' && ')
}

export const largerNodesCommand = (group: GroupFacts): string =>
  `aws elasticache modify-replication-group --replication-group-id ${group.id} --cache-node-type <larger than ${group.nodeType}> --apply-immediately`

export const moreShardsCommand = (group: GroupFacts, shards: number): string => `hotshelf reshard ${group.id} ${shards}`
