/** The reconciler of replication groups, put together from its parts. */
import { digestOf, type NodeId } from '@hotshelf/domain'
import type { Reconciler } from '../runtime/reconciler.ts'
import type { GroupContext } from './context.ts'
import { type LoadOptions, loadGroup } from './load.ts'
import { type GroupLook, groupObserver, type ObserveOptions } from './observe.ts'
import { groupPerformer, type PerformOptions } from './perform.ts'
import { planReplicationGroup } from './plan.ts'
import { groupReporter, type ReportOptions } from './report.ts'
import { withPresentProtocol } from './rules/cluster-change.ts'
import { withSpares } from './rules/spares.ts'
import type { GroupStep } from './steps.ts'

export type GroupReconciler = Reconciler<GroupContext, GroupLook, GroupStep>

export function replicationGroupReconciler(
  options: LoadOptions & ObserveOptions & PerformOptions & ReportOptions,
): GroupReconciler {
  const [report, perform] = [groupReporter(options), groupPerformer(options)]
  return {
    async load(arn) {
      const context = await loadGroup(arn, options)
      if (!context) options.heartbeat?.forget(arn)
      return context
    },
    observe: groupObserver(options),
    plan: (context, look) => planReplicationGroup(asLed(context, look), look),
    isUrgent: step => step.do === 'promote' || step.do === 'fence' || (step.do === 'wait' && step.urgent === true),
    digest: lookDigest,
    report: (context, look, next, progress) => report(asLed(context, look), look, next, progress),
    perform: (step, context, look) => perform(step, asLed(context, look), look),
  }
}

/** The group as it is led in this turn: by what its primary speaks, with the spares it needs. */
const asLed = (context: GroupContext, look: GroupLook): GroupContext =>
  withSpares(withPresentProtocol(context, look), look)

/** What must change for a look to count as another world: who runs, as what, with whom, and why not. Offsets do not count. */
function lookDigest(look: GroupLook): string {
  const nodes = [...look.nodes.values()].map(node => [
    node.node as NodeId,
    node.running,
    // Not the text: it tells times and process ids, which differ from try to try.
    node.exit !== undefined,
    node.view?.role,
    node.view?.following,
    node.view?.boundAddresses,
    node.view?.cluster?.ok,
    node.view?.cluster?.migrating,
    node.view?.cluster?.importing,
    node.view?.cluster?.peers.map(peer => [peer.id, peer.known, peer.health, peer.linkUp, peer.slots]),
    node.view?.directives,
  ])
  return digestOf([nodes, look.endpoints.map(place => [place.address, place.targets, place.admits])])
}
