/** What takes part in a comparison: one library doing one thing. `subjects/index.ts` lists them all. */
import type { Operation } from '../rounds.ts'

/** The keys a reading operation goes round. All of them exist before the first round. */
export const keys = 1000
/** Keys of one `getMany`. */
export const batch = 100

/** 238 bytes of JSON. */
export const user = {
  id: 4711,
  name: 'Ada Lovelace',
  email: 'ada@example.com',
  active: true,
  roles: ['admin', 'author'],
  address: { city: 'London', zip: 'W1U 1AA' },
  createdAt: '2026-01-02T03:04:05.678Z',
  score: 99.5,
}

export const hourMs = 3_600_000
export const userKey = (i: number): string => `user:${i % keys}`
export const loadUser = async (): Promise<typeof user> => user

export type Feature = 'hit' | 'hit-memory' | 'hit-tags' | 'get-many' | 'limit' | 'lock'

export interface Running {
  readonly operation: Operation
  /** Compare with this in place of the bare GET. */
  readonly baseline?: Operation
  /** Throws when what was measured is not what the row says, e.g. hits that were loads. */
  check?(): void
  close(): unknown
}

export interface Subject {
  readonly feature: Feature
  readonly library: string
  /** What a reader of the table should know. */
  readonly note?: string
  open(port: number): Promise<Running>
}

/** Reads every key once, so that all are stored; the last answer must be the value. */
export async function warm(operation: Operation): Promise<void> {
  for (let i = 0; i < keys; i++) await operation(i)
  const value = await operation(0)
  if (JSON.stringify(value) !== JSON.stringify(user)) throw new Error('a hit does not bring the value back')
}
