/**
 * To which node types a group may move, as ListAllowedNodeTypeModifications answers.
 * The rule is inferred from answers that AWS has published for t2, r3, m4 and r5 types: up means more memory in the same
 * or a newer generation, down means less memory in anything since generation 3; data tiering types keep to themselves.
 * A type with the same memory is a way up when it is newer and a way down when it is older.
 */
import { compareVersions, type EngineKind } from './engine-versions.ts'
import { type NodeType, nodeTypes } from './node-types.ts'

export interface RunningEngine {
  readonly engine: EngineKind
  readonly version: string
}

/** Generation 1 and 2 types (t1, m1, m2, c1) are never offered as a target. */
const oldestTarget = 3

export const runsOn = (type: NodeType, { engine, version }: RunningEngine): boolean => {
  const since = type.since[engine]
  return since !== undefined && compareVersions(version, since) >= 0
}

function targets(from: NodeType, running: RunningEngine | undefined): readonly NodeType[] {
  return nodeTypes.filter(
    to =>
      to.name !== from.name &&
      to.generation >= oldestTarget &&
      to.dataTiering === from.dataTiering &&
      (running === undefined || runsOn(to, running)),
  )
}

/** Names in AWS's order (plain text). Without an engine, every type that any engine could use. */
export const allowedScaleUps = (from: NodeType, running?: RunningEngine): readonly string[] =>
  targets(from, running)
    .filter(to => (to.memoryGib > from.memoryGib ? to.generation >= from.generation : isNewerTwin(from, to)))
    .map(to => to.name)

/** Names in AWS's order (plain text). Whether the data fits is checked when the change is asked for, not here. */
export const allowedScaleDowns = (from: NodeType, running?: RunningEngine): readonly string[] =>
  targets(from, running)
    .filter(to => to.memoryGib < from.memoryGib || isNewerTwin(to, from))
    .map(to => to.name)

const isNewerTwin = (from: NodeType, to: NodeType): boolean =>
  to.memoryGib === from.memoryGib && to.generation > from.generation
