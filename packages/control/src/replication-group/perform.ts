/**
 * Carries one step out: provider and engine calls, each idempotent and bounded. Decides nothing.
 * Items of a step run side by side; the step fails when one fails, and the next look sees what remains.
 * One line a step; the work is in `performers/`, a file per subject.
 */
import { applyPending } from '../maintenance/apply-pending.ts'
import type { GroupContext } from './context.ts'
import type { GroupLook } from './observe.ts'
import { bringData } from './performers/restore.ts'
import { configure, setAccess } from './performers/configuration.ts'
import { bindAddresses, routeEndpoint } from './performers/endpoints.ts'
import { placeNodes, retire, startNodes } from './performers/nodes.ts'
import { releaseNodes, removeGroup } from './performers/removal.ts'
import { failOver, promote } from './performers/promotion.ts'
import { attach, formCluster } from './performers/roles.ts'
import { closeSlots, moveSlots, releaseShards } from './performers/slots.ts'
import { handOver, restartNodes } from './performers/rollout.ts'
import { encryptNodes, renewCertificates } from './performers/encryption.ts'
import { forEach, type Performer, type PerformOptions, ref, tell, type Turn } from './performers/turn.ts'
import type { GroupStep } from './steps.ts'

export type { PerformOptions } from './performers/turn.ts'

type Performers = { readonly [Do in GroupStep['do']]: Performer<Do> }

const performers: Performers = {
  wait: async () => {},
  place: placeNodes,
  start: startNodes,
  fence: (step, turn) => forEach(step.nodes, node => turn.options.provider.cutOff(ref(turn, node), [])),
  form: formCluster,
  forget: (step, turn) => forEach(step.ghosts, ({ node, peerId }) => tell(turn, node, { do: 'forget', peerId })),
  attach: (step, turn) => forEach(step.replicas, pair => attach(turn, pair.node, pair.other)),
  'fail-over': failOver,
  promote,
  configure: (step, turn) => forEach(step.nodes, node => configure(turn, node)),
  'set-access': (step, turn) => forEach(step.nodes, node => setAccess(turn, node)),
  'node-timeout': (step, turn) =>
    forEach(step.nodes, node => {
      const directives = [{ name: 'cluster-node-timeout', value: String(step.timeoutMs) }]
      return tell(turn, node, { do: 'configure', directives })
    }),
  bind: bindAddresses,
  route: (step, turn) => forEach(step.routes, route => routeEndpoint(turn, route.role, route.nodes)),
  'admit-sources': (step, turn) => turn.options.endpoints.admit(turn.context.row.arn, step.sources),
  'move-slots': moveSlots,
  'close-slots': closeSlots,
  'release-shards': releaseShards,
  restart: restartNodes,
  'hand-over': handOver,
  encrypt: encryptNodes,
  'bring-data': bringData,
  'renew-certificates': renewCertificates,
  'apply-pending': applyPending,
  'release-nodes': releaseNodes,
  retire: (step, turn) => forEach(step.nodes, node => retire(turn, node)),
  'remove-group': removeGroup,
}

export function groupPerformer(options: PerformOptions) {
  return (step: GroupStep, context: GroupContext, look: GroupLook): Promise<void> =>
    (performers[step.do] as (step: GroupStep, turn: Turn) => Promise<void>)(step, { context, look, options })
}
