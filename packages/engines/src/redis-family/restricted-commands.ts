/**
 * Which commands ElastiCache keeps from its customers, and under which names control still reaches them.
 * Two locks on each: `rename-command` makes the engine answer `ERR unknown command 'CONFIG', with args beginning with: …`
 * exactly as ElastiCache does, and an ACL rule denies whoever finds the other name. Commands that engines send to each
 * other by their literal name (SYNC, PSYNC) and single subcommands can only have the second lock.
 * Source of the list: "Restricted commands" in the ElastiCache user guide; the subcommands of CLUSTER and ACL follow the
 * guide's page for MemoryDB and its RBAC chapter ("does not support any of the other write-based ACL commands").
 */
import { createHmac } from 'node:crypto'
import { capabilities, type FamilyMember } from './versions.ts'

/** In the order of the user guide; the last two are not on its list but would hand the process to a customer. */
export const renamedCommands = [
  'bgrewriteaof',
  'bgsave',
  'config',
  'debug',
  'migrate',
  'replicaof',
  'save',
  'slaveof',
  'shutdown',
  'failover',
  'module',
] as const

export type RenamedCommand = (typeof renamedCommands)[number]

/** Denied by ACL alone: a replica sends SYNC and PSYNC to its primary by these very names. */
const deniedCommands = ['sync', 'psync'] as const

const deniedSubcommands = {
  acl: ['deluser', 'dryrun', 'getuser', 'list', 'load', 'log', 'save', 'setuser', 'users'],
  cluster: [
    'addslots',
    'addslotsrange',
    'bumpepoch',
    'delslots',
    'delslotsrange',
    'failover',
    'flushslots',
    'forget',
    'meet',
    'replicate',
    'reset',
    'saveconfig',
    'set-config-epoch',
    'setslot',
  ],
} as const

/** ACL rules to put behind a customer's own: they only ever take away, so they fit behind any access string. */
export const restrictions = (member: FamilyMember): readonly string[] =>
  [
    ...renamedCommands,
    ...deniedCommands,
    ...Object.entries(deniedSubcommands).flatMap(([command, subcommands]) =>
      subcommands.map(subcommand => `${command}|${subcommand}`),
    ),
    ...capabilities(member).slotMigrationCommands,
  ].map(command => `-${command}`)

/** The name that a restricted command answers to on a node with this control password; nobody else can work it out. */
export const commandName = (command: RenamedCommand, controlPassword: string): string =>
  `${command}-${createHmac('sha256', controlPassword).update(`command ${command}`).digest('hex').slice(0, 16)}`
