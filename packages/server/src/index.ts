// The package's public face: a whole server from its settings.
export type {
  EventReport,
  GroupReport,
  HealthReport,
  NodeReport,
  PlanReport,
  ShardReport,
  ShownCondition,
  SnapshotReport,
} from './admin/reports.ts'
export type { VerifyLine } from './verify-snapshot.ts'
export { runServer } from './main.ts'
