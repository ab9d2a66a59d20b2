/** Endpoints in memory, of the kind that nodes bind themselves: for tests of control. Remembers what was published. */
import type { Address, Arn, EndpointPlace, EndpointProvider, EndpointRole } from '@hotshelf/domain'

export interface FakeEndpoints {
  /** A controller's view. Opening another one is a controller that comes back: it finds everything as it is. */
  open(): EndpointProvider
  /** What control published last. */
  targets(group: Arn, role: EndpointRole): readonly Address[]
}

export function fakeEndpoints(): FakeEndpoints {
  const endpoints = new Map<
    string,
    { readonly group: Arn; readonly place: EndpointPlace; targets: readonly Address[] }
  >()
  let claimed = 0
  const keyOf = (group: Arn, role: EndpointRole) => `${group} ${role}`
  const of = (group: Arn) => [...endpoints.values()].filter(endpoint => endpoint.group === group)
  const provider: EndpointProvider = {
    kind: 'bind',
    claim: async ({ group, role, port }) => {
      const known = endpoints.get(keyOf(group, role))
      if (known) return known.place
      const position = claimed++
      const address = `127.63.${192 + Math.floor(position / 254)}.${1 + (position % 254)}`
      const place = { role, address, port, hostname: address }
      endpoints.set(keyOf(group, role), { group, place, targets: [] })
      return place
    },
    observe: async group => of(group).map(({ place }) => ({ ...place, targets: undefined })),
    publish: async (group, role, targets) => {
      const known = endpoints.get(keyOf(group, role))
      if (known) known.targets = targets
    },
    admit: async () => {},
    release: async group => {
      for (const { place } of of(group)) endpoints.delete(keyOf(group, place.role))
    },
  }
  return { open: () => provider, targets: (group, role) => endpoints.get(keyOf(group, role))?.targets ?? [] }
}
