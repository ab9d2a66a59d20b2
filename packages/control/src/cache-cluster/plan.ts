/** The story of a Memcached cluster. The first rule that fires wins: the order is the safety argument. */
import { planWith } from '../runtime/plan-with.ts'
import type { ClusterContext } from './context.ts'
import type { ClusterLook } from './observe.ts'
import { announceMembers, remindDiscovery, tellNodes, waitForDiscovery } from './rules/discovery.ts'
import {
  fenceLostNodes,
  needEngine,
  placeNodes,
  rebootNodes,
  replaceOutdatedNodes,
  startMissingNodes,
  waitForAnswer,
} from './rules/nodes.ts'
import { applyPending, retireEverything, retireSurplusNodes } from './rules/retire.ts'
import type { ClusterStep } from './steps.ts'

export const memcachedClusterRules = [
  { rule: retireEverything, caption: 'A cluster that is being deleted plans nothing else.' },
  { rule: fenceLostNodes, caption: 'A stopped process is ended, so that its address can be had again.' },
  { rule: needEngine, caption: 'Nothing starts without a binary that serves the version asked for.' },
  { rule: placeNodes, caption: 'Addresses come before processes.' },
  { rule: startMissingNodes, caption: 'Every missing node starts at once, under its own id and empty.' },
  { rule: rebootNodes, caption: 'A customer who asks for a reboot gets it, also of a node that hangs.' },
  { rule: replaceOutdatedNodes, caption: 'Another version or node type brings new nodes.' },
  { rule: remindDiscovery, caption: 'The version that clients are told only grows.' },
  { rule: announceMembers, caption: 'Clients hear of a node once it serves, and no more before it goes.' },
  { rule: waitForDiscovery, caption: 'Nobody goes before clients could be told.' },
  { rule: retireSurplusNodes, caption: 'A node nobody asks for, and no client hears of, leaves.' },
  { rule: waitForAnswer, caption: 'A cluster is available once all of it answers.' },
  { rule: tellNodes, caption: 'Clients that ask a node instead hear the same.' },
  { rule: applyPending, caption: 'What waited for the maintenance window comes into force.' },
] as const

export const planMemcachedCluster = planWith<ClusterContext, ClusterLook, ClusterStep>(
  memcachedClusterRules.map(entry => entry.rule),
)
