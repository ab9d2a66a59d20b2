/**
 * Memcached is configured by its command line alone. One listener, on the node's own address: `-s` (a unix socket for
 * control) would switch TCP off, so control comes through the same door as customers.
 */
import { type EngineFiles, type MemcachedSetup, Unavailable } from '@hotshelf/domain'

/** `asRoot`: Memcached refuses to run as root unless it is told a user. */
export function renderCommandLine(setup: MemcachedSetup, asRoot: boolean): EngineFiles {
  const { place, flags, transitEncryption } = setup
  const base = ['-p', String(place.port), '-U', '0', '-l', place.address, ...(asRoot ? ['-u', 'root'] : [])]
  return { arguments: [...base, ...encryption(setup, transitEncryption), ...flags], files: [] }
}

function encryption({ place }: MemcachedSetup, mode: MemcachedSetup['transitEncryption']): readonly string[] {
  if (mode === 'off') return []
  if (!place.tls) throw new Unavailable(`${place.node} has no certificate yet`)
  return ['-Z', '-o', `ssl_chain_cert=${place.tls.certificate},ssl_key=${place.tls.key}`]
}
