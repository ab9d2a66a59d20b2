/**
 * Engine, version and node type of a request. The version asked for is what customers see for ever; the binary that
 * serves it may be another, and a group says in its events which one that is.
 */
import {
  type EngineName,
  type EngineVersion,
  fault,
  installedEngineFor,
  type NodeType,
  nodeType,
  resolveEngineVersion,
  runsOn,
} from '@hotshelf/domain'
import type { Settings } from '../../call.ts'

export interface ChosenEngine {
  readonly engine: EngineName
  readonly version: EngineVersion
  /** `valkey 8.0.1 serves redis 7.1` */
  readonly note: string
}

export function chooseEngine(
  engine: string | undefined,
  requested: string | undefined,
  settings: Settings,
): ChosenEngine {
  const name = (engine ?? 'redis').toLowerCase()
  if (name !== 'redis' && name !== 'valkey')
    throw invalid(`Invalid engine ${engine} for a replication group. The engine must be redis or valkey.`)
  const version = resolveEngineVersion(name, requested)
  const choice = installedEngineFor(version, settings.engines)
  if (!choice.ok) throw fault('InvalidParameterCombinationException', choice.message)
  return { engine: name, version, note: choice.note }
}

export function requireNodeType(name: string | undefined): NodeType {
  if (name === undefined || name === '')
    throw invalid('The parameter CacheNodeType must be provided and must not be null.')
  const type = nodeType(name.toLowerCase())
  if (!type) throw invalid(`Invalid Cache Node Type: ${name}`)
  return type
}

export function requireRunsOn(type: NodeType, engine: EngineName, version: string): void {
  if (!runsOn(type, { engine, version }))
    throw fault(
      'InvalidParameterCombinationException',
      `Node type ${type.name} does not support ${engine} version ${version}.`,
    )
}

const invalid = (message: string) => fault('InvalidParameterValueException', message)
