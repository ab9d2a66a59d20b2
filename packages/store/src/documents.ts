/**
 * JSON documents as columns hold them: plain data in, the same plain data out.
 * JSON.parse makes `__proto__` an own property like any other, so a customer's key never reaches a prototype.
 */
import type { Condition } from '@hotshelf/domain'

export const writeDocument = (value: unknown): string => JSON.stringify(value)

export const readDocument = <T>(text: string): T => JSON.parse(text) as T

/** Conditions are ours, so their one date is made a Date again. */
export const readConditions = (text: string): readonly Condition[] =>
  readDocument<readonly (Omit<Condition, 'since'> & { readonly since: string })[]>(text).map(condition => ({
    ...condition,
    since: new Date(condition.since),
  }))
