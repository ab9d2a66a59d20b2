/** `/_hotshelf/plan`, for all groups or `?group=<id or ARN>`: what control would do next, and why. Changes nothing. */
import { customerArn, type ReplicationGroupRow } from '@hotshelf/domain'
import type { Insight } from './insight.ts'
import { jsonPage, PageRefusal } from './page.ts'
import type { PlanReport } from './reports.ts'
import { shownConditions } from './shown-conditions.ts'

export const planPage = jsonPage('/_hotshelf/plan', async ({ url, insight }) => {
  const wanted = url.searchParams.get('group') ?? url.searchParams.get('arn')
  const rows = await insight.store.replicationGroups.listEverywhere()
  const chosen =
    wanted === null ? rows : rows.filter(row => row.desired.id === wanted.toLowerCase() || customerArn(row) === wanted)
  if (wanted !== null && chosen.length === 0) {
    const names = rows.map(row => row.desired.id).join(', ')
    throw new PageRefusal(
      404,
      `There is no replication group "${wanted}".`,
      names ? `There are: ${names}.` : 'There is none.',
    )
  }
  return (await Promise.all(chosen.map(row => planReport(row, insight)))).filter(plan => plan !== undefined)
})

/** Undefined when the group went away meanwhile. */
async function planReport(row: ReplicationGroupRow, insight: Insight): Promise<PlanReport | undefined> {
  const plan = await insight.control.planOf(row.arn)
  if (!plan) return undefined
  const { next, conditions } = plan
  return { arn: customerArn(row), id: row.desired.id, next: next ?? null, conditions: shownConditions(conditions) }
}
