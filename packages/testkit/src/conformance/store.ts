/**
 * What every store does, whichever database it stands on.
 * `describeStore` runs in this process; `describeStoreDurability` kills processes that write, and takes longer.
 */
import type { Doorbell, Store } from '@hotshelf/domain'
import type { ChildProcess } from 'node:child_process'
import { describe } from 'vitest'
import { besideResources } from './store/beside-resources.ts'
import { documents } from './store/documents.ts'
import { doorbells } from './store/doorbells.ts'
import { durability } from './store/durability.ts'
import { audit } from './store/audit.ts'
import { events } from './store/events.ts'
import { leases } from './store/leases.ts'
import { resources } from './store/resources.ts'
import { transactions } from './store/transactions.ts'
import { twoServers } from './store/two-servers.ts'
import { type Skip, suiteOf } from './suite.ts'

/** A store with the bell that the servers on its database share. */
export type RingingStore = Store & { readonly doorbell: Doorbell }

/** One database, empty at first. */
export interface StoreUnderTest {
  /** A server's view of it; each call opens another one, and the suite closes them. */
  open(): Promise<RingingStore>
  /** After all of them are closed. */
  remove(): Promise<void>
}

/** One database and a program that writes to it; see `store/durability.ts` for what it must write. */
export interface WritableStore extends StoreUnderTest {
  startWriter(): ChildProcess
}

export interface StoreSuite<Subject> {
  readonly name: string
  readonly newStore: () => Promise<Subject>
  readonly skip?: readonly Skip[]
}

export function describeStore({ name, newStore, skip = [] }: StoreSuite<StoreUnderTest>): void {
  describe(`store conformance: ${name}`, () => {
    const suite = suiteOf<StoreUnderTest>(skip, body => onNew(newStore, body))
    for (const part of [
      resources,
      besideResources,
      events,
      audit,
      leases,
      transactions,
      documents,
      doorbells,
      twoServers,
    ]) {
      part(suite)
    }
    suite.end()
  })
}

export function describeStoreDurability({ name, newStore, skip = [] }: StoreSuite<WritableStore>): void {
  describe(`store durability: ${name}`, () => {
    const suite = suiteOf<WritableStore>(skip, body => onNew(newStore, body))
    durability(suite)
    suite.end()
  })
}

async function onNew<Subject extends StoreUnderTest>(
  newStore: () => Promise<Subject>,
  body: (subject: Subject) => Promise<void>,
): Promise<void> {
  const subject = await newStore()
  const opened: Store[] = []
  const open = async () => {
    const store = await subject.open()
    opened.push(store)
    return store
  }
  try {
    await body({ ...subject, open })
  } finally {
    await Promise.all(opened.map(store => store.close()))
    await subject.remove()
  }
}
