/**
 * One command's talk with one node: every question it asks shares one deadline, and its connection, names and
 * version come with it. Made by the engine for each call.
 */
import type { NodePlace } from '@hotshelf/domain'
import type { Command, Reply } from '../control-connection.ts'
import { failure, refusalOf } from './refusals.ts'
import type { RenamedCommand } from './restricted-commands.ts'
import type { FamilyMember } from './versions.ts'

export interface Conversation {
  readonly place: NodePlace
  /** Which engine runs there, by its own account: the installed binary may be newer than the running process. */
  readonly member: FamilyMember
  readonly clusterMode: boolean
  /** The name that a restricted command answers to on this node. */
  name(command: RenamedCommand): string
  remainingMs(): number
  ask(...command: Command): Promise<Reply>
  /** All in one write. */
  askAll(commands: readonly Command[]): Promise<readonly Reply[]>
}

export function conversation(
  about: Pick<Conversation, 'place' | 'member' | 'clusterMode' | 'name'>,
  connection: { send(commands: readonly Command[], deadlineMs: number): Promise<readonly Reply[]> },
  deadlineMs: number,
): Conversation {
  const end = performance.now() + deadlineMs
  const remainingMs = () => Math.max(1, end - performance.now())
  return {
    ...about,
    remainingMs,
    askAll: commands => connection.send(commands, remainingMs()),
    ask: async (...command) => {
      const [reply = null] = await connection.send([command], remainingMs())
      return reply
    },
  }
}

/** Asks, and takes a refusal that `fulfilled` recognises (the post-condition holds already) for a success. */
export async function demand(
  node: Conversation,
  what: string,
  command: Command,
  fulfilled: (refused: string) => boolean = () => false,
): Promise<void> {
  const refusal = refusalOf(await node.ask(...command))
  if (refusal && !fulfilled(refusal.refused)) throw failure(what, refusal.refused)
}
