/**
 * Which commands ElastiCache keeps from its customers, and under which names control still reaches them.
 * Two locks on each: `rename-command` makes the engine answer `ERR unknown command 'CONFIG', with args beginning with: …`
 * exactly as ElastiCache does, and an ACL rule denies whoever finds the other name. Commands that engines send to each
 * other by their literal name (SYNC, PSYNC) and single subcommands can only have the second lock. The list is the domain's.
 */
import { createHmac } from 'node:crypto'
import { restrictedCommands, restrictedReplication, restrictedSubcommands } from '@hotshelf/domain'
import { capabilities, type FamilyMember } from './versions.ts'

export const renamedCommands = restrictedCommands

export type RenamedCommand = (typeof renamedCommands)[number]

/** ACL rules to put behind a customer's own: they only ever take away, so they fit behind any access string. */
export const restrictions = (member: FamilyMember): readonly string[] =>
  [
    ...renamedCommands,
    ...restrictedReplication,
    ...Object.entries(restrictedSubcommands).flatMap(([command, subcommands]) =>
      subcommands.map(subcommand => `${command}|${subcommand}`),
    ),
    ...capabilities(member).slotMigrationCommands,
  ].map(command => `-${command}`)

/** The name that a restricted command answers to on a node with this control password; nobody else can work it out. */
export const commandName = (command: RenamedCommand, controlPassword: string): string =>
  `${command}-${createHmac('sha256', controlPassword).update(`command ${command}`).digest('hex').slice(0, 16)}`
