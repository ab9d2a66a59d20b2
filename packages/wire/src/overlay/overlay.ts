/**
 * What the SDK's schemas leave out and botocore's models hold: enum values, integer or float, and which errors an
 * operation may raise. Written by scripts/write-wire-overlay.py, one generated file per service, loaded on first use.
 */
import type { LeafRule } from '../schema/shape.ts'

export interface Overlay {
  /** Version of the botocore package that the file was written from. */
  readonly source: string
  /** Each distinct list of enum values, referred to by position. */
  readonly enums: readonly (readonly string[])[]
  /** Structure → member → rule: a number is an enum's position, `i` a 32-bit and `l` a 64-bit integer. */
  readonly rules: Readonly<Record<string, Readonly<Record<string, number | 'i' | 'l'>>>>
  /** Operation → names of the error shapes that the model declares for it. */
  readonly errors: Readonly<Record<string, readonly string[]>>
  /** Structure → member → a further XML element name: where readers of one model disagree, both names are written. */
  readonly aliases: Readonly<Record<string, Readonly<Record<string, string>>>>
}

const LOADERS: Readonly<Record<string, () => Promise<{ readonly overlay: Overlay }>>> = {
  cloudformation: () => import('./cloudformation.generated.ts'),
  cloudtrail: () => import('./cloudtrail.generated.ts'),
  ec2: () => import('./ec2.generated.ts'),
  elasticache: () => import('./elasticache.generated.ts'),
  kms: () => import('./kms.generated.ts'),
  logs: () => import('./logs.generated.ts'),
  monitoring: () => import('./monitoring.generated.ts'),
  sns: () => import('./sns.generated.ts'),
  sts: () => import('./sts.generated.ts'),
}

/** The overlay of a service by its signing name; undefined for a service that has none, which is then checked less. */
export async function loadOverlay(signingName: string): Promise<Overlay | undefined> {
  if (!Object.hasOwn(LOADERS, signingName)) return undefined
  return (await LOADERS[signingName]?.())?.overlay
}

export function ruleOf(overlay: Overlay | undefined, structure: string, member: string): LeafRule | undefined {
  if (!overlay) return undefined
  const rule = entryOf(overlay.rules, structure, member)
  if (rule === undefined) return undefined
  if (rule === 'i') return { integer: 'int' }
  if (rule === 'l') return { integer: 'long' }
  const values = overlay.enums[rule]
  return values && { values }
}

/**
 * Botocore, and with it the AWS CLI, reads some lists under a name that the model gives the list; the JavaScript SDK
 * reads the same lists under the member's own name.
 */
export function aliasOf(overlay: Overlay | undefined, structure: string, member: string): string | undefined {
  return overlay && entryOf(overlay.aliases, structure, member)
}

type Entries<Value> = Readonly<Record<string, Readonly<Record<string, Value>>>>

function entryOf<Value>(entries: Entries<Value>, structure: string, member: string): Value | undefined {
  const members = Object.hasOwn(entries, structure) ? entries[structure] : undefined
  return members && Object.hasOwn(members, member) ? members[member] : undefined
}
