/**
 * Large groups: a plan for 500 shards in a model world (how many turns, and how long each plan takes), and ninety real
 * nodes made, failed over and taken away on this machine, beside what the same ninety take when formed by hand.
 */
import { aWorld } from '../packages/control/tests/model-world.ts'
import { ninetyNodes } from '../tests/chaos/ninety-nodes.ts'
import { formByHand } from './by-hand.ts'
import { median, type Outcome, spread } from './report.ts'

const mostTurns = 40

async function plan(shards: number, replicas: number): Promise<Outcome> {
  const world = aWorld({ shards, replicas, automaticFailover: true })
  const turns = await world.converge(200)
  const perTurn = world.observations() / turns
  return {
    what: `model world: turns to make ${shards} shards × ${replicas + 1} (plan of one turn, ms)`,
    ours: `${turns} turns, ${spread(world.planMs, 1)} ms, ${perTurn.toFixed(0)} nodes asked a turn`,
    peer: `at most ${mostTurns} turns`,
    ratio: turns / mostTurns,
    goal: '≤ 1',
    rounds: 1,
  }
}

export async function benchScale(): Promise<readonly Outcome[]> {
  const outcomes = [await plan(500, 0), await plan(83, 5)]
  const hand = [await formByHand(15, 5, { tls: false })]
  const { createdMs, failedOverMs, repairedMs, deletedMs } = await ninetyNodes()
  return [
    ...outcomes,
    {
      what: 'ninety nodes (15 shards × 6) to available (ms)',
      ours: `${createdMs.toFixed(0)}; killed primary replaced in ${failedOverMs.toFixed(0)}, back in ${repairedMs.toFixed(0)}; gone in ${deletedMs.toFixed(0)}`,
      peer: `${spread(hand)} by hand`,
      ratio: createdMs / median(hand),
      goal: '≤ 2',
      rounds: 1,
    },
  ]
}
