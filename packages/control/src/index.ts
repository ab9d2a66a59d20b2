// The package's public face: the only code that changes the world.
export { type Control, type ControlOptions, createControl, type PlannedStep, type StoredSnapshot } from './control.ts'
export { defaultPatience, type Patience } from './failure-detector/verdict.ts'
export { replicationGroupRules } from './replication-group/plan.ts'
export type { GroupStep } from './replication-group/steps.ts'
export type { WorkerLog } from './runtime/worker.ts'
