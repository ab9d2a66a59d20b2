/** The advice as commands for a shell, in the order to run them. Ids are plain words, so nothing needs quotes. Pure. */
import { defaultEngineVersion } from '@hotshelf/domain'
import type { EngineAdvice } from './engine.ts'
import type { EvictionAdvice } from './eviction.ts'
import { type Needs, survives } from './needs.ts'
import type { ShapeAdvice } from './shape.ts'

interface Chosen {
  readonly engine: EngineAdvice
  readonly shape: ShapeAdvice
  readonly eviction: EvictionAdvice
}

export const readyCommands = (needs: Needs, chosen: Chosen): readonly string[] =>
  chosen.engine.name === 'memcached' ? [cacheCluster(needs, chosen.shape)] : group(needs, chosen)

const aws = (operation: string, ...options: readonly (string | false)[]): string =>
  [`aws elasticache ${operation}`, ...options.filter(option => option !== false)].join(' ')

function cacheCluster(needs: Needs, { nodes, nodeType }: ShapeAdvice): string {
  return aws(
    'create-cache-cluster',
    `--cache-cluster-id ${needs.id}`,
    '--engine memcached',
    `--engine-version ${defaultEngineVersion('memcached').version}`,
    `--cache-node-type ${nodeType.name}`,
    `--num-cache-nodes ${nodes}`,
    nodes > 1 && '--az-mode cross-az',
  )
}

function group(needs: Needs, { engine, shape, eviction }: Chosen): readonly string[] {
  const { version, family } = defaultEngineVersion(engine.name)
  const sharded = shape.mode.name === 'enabled'
  const production = needs.environment === 'production'
  const parameters = `${needs.id}-parameters`
  return [
    aws(
      'create-cache-parameter-group',
      `--cache-parameter-group-name ${parameters}`,
      `--cache-parameter-group-family ${family}`,
      `--description ${needs.id}`,
    ),
    aws(
      'modify-cache-parameter-group',
      `--cache-parameter-group-name ${parameters}`,
      '--parameter-name-values',
      `ParameterName=maxmemory-policy,ParameterValue=${eviction.policy}`,
      sharded && 'ParameterName=cluster-enabled,ParameterValue=yes',
    ),
    aws(
      'create-replication-group',
      `--replication-group-id ${needs.id}`,
      `--replication-group-description ${needs.id}`,
      `--engine ${engine.name}`,
      `--engine-version ${version}`,
      `--cache-node-type ${shape.nodeType.name}`,
      `--cache-parameter-group-name ${parameters}`,
      sharded
        ? `--num-node-groups ${shape.shards} --replicas-per-node-group ${shape.replicasPerShard}`
        : `--num-cache-clusters ${shape.nodes}`,
      // AWS has no cluster mode without it, replicas or not.
      (sharded || shape.replicasPerShard > 0) && '--automatic-failover-enabled',
      shape.replicasPerShard > 0 && '--multi-az-enabled',
      production && '--transit-encryption-enabled --at-rest-encryption-enabled',
      survives(needs) && '--snapshot-retention-limit 7',
    ),
  ]
}
