/**
 * What each release of Valkey and Redis can do and how it names things, so that no other file compares versions.
 * Supported: Valkey 7.2 and later, Redis 7.0 to 8.x. Anything older lacks ACL rules for subcommands, which hide what
 * ElastiCache hides.
 */
import type { InstalledEngine } from '@hotshelf/domain'

export interface Capabilities {
  /** The spelling of "the user a replica logs in with", and of its password. */
  readonly replicationUser: 'primaryuser' | 'masteruser'
  readonly replicationPassword: 'primaryauth' | 'masterauth'
  /** CLUSTER ADDSLOTSRANGE; otherwise every slot is named. */
  readonly slotRanges: boolean
  /** What a replica does with the data it has while a full copy arrives over the wire, without touching the disk. */
  readonly disklessLoad: 'flush-before-load' | 'swapdb'
  /** Keeps keys, values and names of users out of its log when it crashes; others write the command it was at. */
  readonly hidesUserData: boolean
  /**
   * How a node's line in nodes.conf tells its TLS port: in a field of its own, or as the only port where the bus is
   * encrypted. Undefined for releases whose format was not looked at.
   */
  readonly nodesFile: 'tls-port field' | 'one port' | undefined
  /** Commands that move slots or data between nodes and that older releases do not know: an ACL rule may not name those. */
  readonly slotMigrationCommands: readonly string[]
}

export type FamilyMember = Pick<InstalledEngine, 'kind' | 'version'>

/** True when `version` is the given release or a later one; parts that are missing count as zero. */
export function atLeast(version: string, major: number, minor = 0): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number)
  return ownMajor > major || (ownMajor === major && ownMinor >= minor)
}

export function capabilities({ kind, version }: FamilyMember): Capabilities {
  const valkey8 = kind === 'valkey' && atLeast(version, 8)
  return {
    replicationUser: valkey8 ? 'primaryuser' : 'masteruser',
    replicationPassword: valkey8 ? 'primaryauth' : 'masterauth',
    slotRanges: atLeast(version, 7),
    // swapdb keeps the old data until the copy is complete and so needs twice the memory for a moment; it is the only
    // way without a file before Valkey 8.1.
    disklessLoad: kind === 'valkey' && atLeast(version, 8, 1) ? 'flush-before-load' : 'swapdb',
    hidesUserData: valkey8,
    nodesFile: valkey8 ? 'tls-port field' : kind === 'redis' && !atLeast(version, 7, 2) ? 'one port' : undefined,
    slotMigrationCommands: slotMigrationCommands({ kind, version }),
  }
}

function slotMigrationCommands({ kind, version }: FamilyMember): readonly string[] {
  if (kind === 'valkey' && atLeast(version, 9)) {
    return ['cluster|migrateslots', 'cluster|cancelslotmigrations', 'cluster|syncslots']
  }
  if (kind === 'redis' && atLeast(version, 8, 4)) return ['cluster|migration', 'cluster|syncslots', 'trimslots']
  return []
}
