// The package's public face: a whole server from its settings.
export type {
  EventReport,
  GroupReport,
  HealthReport,
  NodeReport,
  PlanReport,
  ShardReport,
  ShownCondition,
} from './admin/reports.ts'
export { runServer } from './main.ts'
