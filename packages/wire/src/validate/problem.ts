/** What can be wrong with an input beyond its types, and where in it. */
import type { Member } from '../schema/shape.ts'

/**
 * The way to a value: members by their names, list items as the item's member followed by its position (from 1), map
 * values by their key. The wordings spell it differently.
 */
export type Path = readonly (Member | number | string)[]

export type Problem =
  | { readonly kind: 'missing'; readonly path: Path }
  /** A NUL character, which XML cannot spell and no database keeps. */
  | { readonly kind: 'has-nul'; readonly path: Path }
  | { readonly kind: 'not-an-integer'; readonly path: Path; readonly wanted: 'int' | 'long' }
  | { readonly kind: 'not-in-enum'; readonly path: Path; readonly value: string; readonly allowed: readonly string[] }
