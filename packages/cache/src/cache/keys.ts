// Names on the server. Entries are `namespace:key`; everything the cache keeps beside them has a name of its own that
// no `namespace:*` pattern of the application's meets.
import { InvalidOption } from '../errors.ts'
import { hashTag, sibling } from '../client/slot.ts'

export class Keys {
  readonly prefix: string
  readonly #namespace: string

  constructor(namespace: string) {
    if (/[{}*?[\]\\]/.test(namespace)) throw new InvalidOption(`namespace: ${namespace} has a character with a meaning`)
    this.#namespace = namespace
    this.prefix = namespace === '' ? '' : `${namespace}:`
  }

  /** Throws InvalidOption for what is not a key at all: a template literal with an undefined in it is not caught here. */
  entry(key: string): string {
    if (typeof key !== 'string' || key === '') throw new InvalidOption('a key is a string of at least one character')
    const name = this.prefix + key
    return key.includes('}') || key.includes('{') ? this.#braced(name, key) : name
  }

  /**
   * The key of the application's for a name on the server; undefined for what is no entry, or an escaped one, which the
   * memory in front leaves alone.
   */
  keyOf(name: string): string | undefined {
    return name.startsWith(this.prefix) ? name.slice(this.prefix.length) : undefined
  }

  /** Patterns of the names an application's glob stands for. */
  patternsOf(glob: string): readonly string[] {
    // The namespace has no character with a meaning in a glob, see the constructor.
    const names = [this.prefix + glob, `${this.#namespace}#braced:${escaped(glob)}`]
    // Leases first: one released after its entry was walked could be filled behind our back.
    return [...names.flatMap(name => [`{${name}}:lease`, `${name}:lease`]), ...names]
  }

  /** `{tag}` groups keys on a shard as everywhere; any other brace would break siblings, so such keys are escaped. */
  #braced(name: string, key: string): string {
    return hashTag(name) === name ? `${this.#namespace}#braced:${escaped(key)}` : name
  }

  lease(entry: string): string {
    return sibling(entry, 'lease')
  }

  chunk(entry: string, generation: string, index: number): string {
    return sibling(entry, `chunk:${generation}:${index}`)
  }

  tag(tag: string): string {
    return `${this.#namespace}#tag:${tag}`
  }

  /** Where caches without tracking tell each other what changed. */
  get bus(): string {
    return `${this.#namespace}#changed`
  }
}

function escaped(key: string): string {
  return key.replaceAll('%', '%25').replaceAll('{', '%7B').replaceAll('}', '%7D')
}
