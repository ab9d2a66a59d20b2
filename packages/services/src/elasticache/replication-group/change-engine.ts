/**
 * Engine, EngineVersion and CacheParameterGroupName of a modification: one subject, because a parameter group belongs to
 * one family. A default group moves on with the family; a customer's own must be replaced in the same request.
 */
import {
  defaultParameterGroupName,
  type EngineVersion,
  engineVersion,
  familyEngine,
  fault,
  isDefaultParameterGroup,
  type ParameterGroupDesired,
  type ReplicationGroupDesired,
  requireEngineChange,
  usesClusterProtocol,
} from '@hotshelf/domain'
import { type Call, scopeOf } from '../../call.ts'
import { familyOf, requireUsable } from '../parameter-group/find.ts'
import { changesClusterMode } from './change-cluster-mode.ts'
import { chooseEngine } from './engine.ts'
import type { Change, Modification, Modify } from './modification.ts'
import { enablesCluster, requireFamily } from './parameter-group-choice.ts'

export const changeEngine: Modification = async (input, { desired, pending }, call) => {
  // Its parameter group is judged together with the mode.
  if (changesClusterMode(input, desired)) return undefined
  const wanted = wantedVersion(input, desired, call)
  const named = input.CacheParameterGroupName
    ? (await requireUsable(call.store, scopeOf(call), input.CacheParameterGroupName)).desired
    : undefined
  if (named) requireMode(named, desired.clusterMode === 'disabled')
  if (!wanted) return named && (await changeParameterGroup(named, desired, { ...desired, ...pending }, call))
  const engine = {
    engine: wanted.version.engine as ReplicationGroupDesired['engine'],
    engineVersion: wanted.version.version,
  }
  const notes = wanted.note === undefined ? {} : { notes: [wanted.note] }
  if (named) requireApplicable(named, wanted.version)
  if (wanted.version.family === versionOf(desired).family)
    return {
      ...(named && { desired: { parameterGroup: named.name } }),
      deferrable: { ...engine, parameterGroup: named?.name ?? desired.parameterGroup },
      ...notes,
    }
  const parameterGroup = named?.name ?? (await moved(desired, wanted.version, call))
  return { deferrable: { ...engine, parameterGroup }, ...notes }
}

interface Wanted {
  readonly version: EngineVersion
  /** Which program serves it. */
  readonly note: string | undefined
}

/** Undefined when the request asks for neither. The version that runs takes back one that waits for the window. */
function wantedVersion(
  { Engine, EngineVersion: asked }: Modify,
  desired: ReplicationGroupDesired,
  call: Call,
): Wanted | undefined {
  const engine = Engine?.toLowerCase() ?? desired.engine
  const present = versionOf(desired)
  if (engine === desired.engine && !asked) return undefined
  if (engine === desired.engine && asked === present.version) return { version: present, note: undefined }
  const chosen = chooseEngine(engine, asked, call.settings)
  requireEngineChange({
    from: present,
    to: chosen.version,
    transitEncryption: desired.transitEncryption !== 'off',
  })
  return { version: chosen.version, note: chosen.note }
}

/** Within the family at once; of the family that a pending upgrade leads to, together with it. */
async function changeParameterGroup(
  named: ParameterGroupDesired,
  desired: ReplicationGroupDesired,
  ahead: ReplicationGroupDesired,
  call: Call,
): Promise<Change> {
  const present = await requireUsable(call.store, scopeOf(call), desired.parameterGroup)
  if (named.family === present.desired.family) return { desired: { parameterGroup: named.name } }
  const later = versionOf(ahead)
  if (named.family === later.family) return { deferrable: { parameterGroup: named.name } }
  requireApplicable(named, versionOf(desired))
  return {}
}

/** Only versions that the catalog has can be stored. */
const versionOf = ({ engine, engineVersion: version }: Pick<ReplicationGroupDesired, 'engine' | 'engineVersion'>) =>
  engineVersion(engine, version) as EngineVersion

/** The parameter group of the new family where the request names none: AWS refuses to guess for a customer's own. */
async function moved(desired: ReplicationGroupDesired, version: EngineVersion, call: Call): Promise<string> {
  const present = await requireUsable(call.store, scopeOf(call), desired.parameterGroup)
  if (!isDefaultParameterGroup(present.desired.name)) requireFamily(version.family, present.desired)
  return defaultParameterGroupName(version.family, usesClusterProtocol(desired) && enablesCluster(present.desired))
}

/** Both wordings are AWS's. */
function requireApplicable(group: ParameterGroupDesired, { engine, family }: EngineVersion): void {
  const other = familyEngine(familyOf(group))
  if (other !== engine) throw combination(`${other} parameter group is not applicable to engine ${engine}`)
  requireFamily(family, group)
}

function requireMode(group: ParameterGroupDesired, disabled: boolean): void {
  if (disabled && enablesCluster(group))
    throw combination(
      `Parameter group ${group.name} enables cluster mode, which is disabled for this replication group.`,
    )
}

const combination = (message: string) => fault('InvalidParameterCombinationException', message)
