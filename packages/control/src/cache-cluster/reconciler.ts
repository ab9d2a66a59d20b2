/** The reconciler of Memcached clusters, put together from its parts. */
import { digestOf } from '@hotshelf/domain'
import type { Reconciler } from '../runtime/reconciler.ts'
import type { ClusterContext } from './context.ts'
import { type LoadOptions, loadCluster } from './load.ts'
import { type ClusterLook, clusterObserver, type ObserveOptions } from './observe.ts'
import { clusterPerformer, type PerformOptions } from './perform.ts'
import { planMemcachedCluster } from './plan.ts'
import { clusterReporter, type ReportOptions } from './report.ts'
import type { ClusterStep } from './steps.ts'

export type ClusterReconciler = Reconciler<ClusterContext, ClusterLook, ClusterStep>

export function memcachedClusterReconciler(
  options: LoadOptions & ObserveOptions & PerformOptions & ReportOptions,
): ClusterReconciler {
  return {
    load: arn => loadCluster(arn, options),
    observe: clusterObserver(options),
    plan: planMemcachedCluster,
    digest: look =>
      digestOf([
        [...look.nodes.values()].map(node => [node.node, node.running, node.view, node.exit !== undefined]),
        look.discovery?.running,
        look.membership,
      ]),
    report: clusterReporter(options),
    perform: clusterPerformer(options),
  }
}
