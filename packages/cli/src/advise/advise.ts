/** From needs to advice, every part with its reason. Pure: the same needs give the same advice. */
import { type BreakEven, breakEven } from './break-even.ts'
import { adviseEngine, type EngineAdvice } from './engine.ts'
import { adviseEviction, type EvictionAdvice } from './eviction.ts'
import type { Needs } from './needs.ts'
import { readyCommands } from './ready-commands.ts'
import { adviseShape, type ShapeAdvice } from './shape.ts'

export interface Advice extends ShapeAdvice {
  readonly needs: Needs
  readonly engine: EngineAdvice
  readonly eviction: EvictionAdvice
  readonly breakEven: BreakEven
  readonly commands: readonly string[]
}

export function advise(needs: Needs): Advice {
  const engine = adviseEngine(needs)
  const shape = adviseShape(needs, engine)
  const eviction = adviseEviction(needs, engine)
  return {
    needs,
    engine,
    ...shape,
    eviction,
    breakEven: breakEven(needs, shape.monthlyUsd),
    commands: readyCommands(needs, { engine, shape, eviction }),
  }
}
