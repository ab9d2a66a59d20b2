/** Conditions as JSON tells them: dates are texts, wherever they come from. */
import type { Condition } from '@hotshelf/domain'
import type { ShownCondition } from './reports.ts'

export const shownConditions = (conditions: readonly Condition[]): readonly ShownCondition[] =>
  conditions.map(condition => ({ ...condition, since: new Date(condition.since).toISOString() }))
