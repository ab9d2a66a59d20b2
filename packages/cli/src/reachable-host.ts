/**
 * An endpoint's name may be known to Hotshelf's own name server only. Where this machine's resolver does not ask it,
 * the address behind the name serves as well: certificates name both.
 */
import { lookup, Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { HealthReport } from '@hotshelf/server'

export async function reachableHost(host: string, names: HealthReport['names']): Promise<string> {
  if (isIP(host) !== 0 || !names || (await isKnownHere(host))) return host
  const resolver = new Resolver({ timeout: 1000, tries: 2 })
  resolver.setServers([`${names.address}:${names.port}`])
  try {
    return (await resolver.resolve4(host))[0] ?? host
  } catch {
    // The cli will say that it does not know the name.
    return host
  }
}

/** Whether the resolver of this machine knows the name. */
export async function isKnownHere(host: string): Promise<boolean> {
  try {
    await lookup(host)
    return true
  } catch {
    return false
  }
}
