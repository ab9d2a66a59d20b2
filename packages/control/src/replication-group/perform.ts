/**
 * Carries one step out: provider and engine calls, each idempotent and bounded. Decides nothing.
 * Items of a step run side by side; the step fails when one fails, and the next look sees what remains.
 * One line a step; the work is in `performers/`, a file per subject.
 */
import { applyPending } from '../maintenance/apply-pending.ts'
import type { GroupContext } from './context.ts'
import type { GroupLook } from './observe.ts'
import { configure, setAccess } from './performers/configuration.ts'
import { routeEndpoint } from './performers/endpoints.ts'
import { encryptNodes } from './performers/encryption.ts'
import { placeNodes, retire, startNodes } from './performers/nodes.ts'
import { removeGroup } from './performers/removal.ts'
import { attach, formCluster, promote } from './performers/roles.ts'
import { handOver, restartNodes } from './performers/rollout.ts'
import { forEach, type Performer, type PerformOptions, ref, tell, type Turn } from './performers/turn.ts'
import type { GroupStep } from './steps.ts'

export type { PerformOptions } from './performers/turn.ts'

type Performers = { readonly [Do in GroupStep['do']]: Performer<Do> }

const performers: Performers = {
  wait: async () => {},
  place: placeNodes,
  start: startNodes,
  fence: (step, turn) => forEach(step.nodes, node => turn.options.provider.stop(ref(turn, node), 'now')),
  form: formCluster,
  forget: (step, turn) => forEach(step.ghosts, ({ node, peerId }) => tell(turn, node, { do: 'forget', peerId })),
  attach: (step, turn) => forEach(step.replicas, pair => attach(turn, pair.node, pair.other)),
  'fail-over': (step, turn) => turn.options.provider.stop(ref(turn, step.from), 'now'),
  promote,
  configure: (step, turn) => forEach(step.nodes, node => configure(turn, node)),
  'set-access': (step, turn) => forEach(step.nodes, node => setAccess(turn, node)),
  'settle-timeout': (step, turn) =>
    forEach(step.nodes, node => {
      const directives = [{ name: 'cluster-node-timeout', value: String(step.timeoutMs) }]
      return tell(turn, node, { do: 'configure', directives })
    }),
  bind: async (step, turn) => {
    // One after the other: an address must be let go before the next node can take it.
    for (const move of step.moves) await tell(turn, move.node, { do: 'bind', addresses: move.addresses })
  },
  route: (step, turn) => forEach(step.routes, route => routeEndpoint(turn, route.role, route.nodes)),
  restart: restartNodes,
  'hand-over': handOver,
  encrypt: encryptNodes,
  'apply-pending': applyPending,
  retire: (step, turn) => forEach(step.nodes, node => retire(turn, node)),
  'remove-group': removeGroup,
}

export function groupPerformer(options: PerformOptions) {
  return (step: GroupStep, context: GroupContext, look: GroupLook): Promise<void> =>
    (performers[step.do] as (step: GroupStep, turn: Turn) => Promise<void>)(step, { context, look, options })
}
