/** What the suite stores: the smallest resources that show what is asked. */
import type { Arn, NewResource, Repository, Scope, Store } from '@hotshelf/domain'

export const here: Scope = { account: '111122223333', region: 'eu-west-1' }
export const elsewhere: Scope = { account: '111122223333', region: 'us-east-1' }

export interface Thing {
  readonly size: number
  readonly words?: readonly string[]
}
export interface Seen {
  readonly size: number
}

/** Any kind serves; this one is not the domain's own, so its shape is ours to choose. */
export const things = (store: Store): Repository<Thing, Seen> => store.repository<Thing, Seen>('security-group')

export const arnOf = (name: string, scope: Scope = here): Arn =>
  `arn:aws:test:${scope.region}:${scope.account}:thing:${name}` as Arn

export const aThing = (name: string, desired: Thing = { size: 1 }, scope: Scope = here): NewResource<Thing> => ({
  ...scope,
  arn: arnOf(name, scope),
  name,
  desired,
  createdAt: new Date('2026-02-03T04:05:06.789Z'),
})
