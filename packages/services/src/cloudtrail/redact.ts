/**
 * Parameters and answers as an event may show them: names begin in lower case as CloudTrail writes them, and what is
 * secret is replaced. By name, wherever it stands: also in what a service of tomorrow calls its password.
 */

export const hidden = 'HIDDEN_DUE_TO_SECURITY_REASONS'

const secretName =
  /passwords?$|^auth_?token$|^(session|security)_?token$|secret|private_?key|credentials?$|^plaintext$/i
/** Within an access string a password stands behind `>`, a hash behind `#`, and both may be taken away by `<` and `!`. */
const secretInAccessString = /(^|\s)[><#!]\S+/g

/** Bytes are told by their length; dates as ISO 8601. */
export function redacted(value: unknown, name = ''): unknown {
  if (value === undefined || value === null || typeof value === 'boolean') return value ?? null
  if (secretName.test(name)) return Array.isArray(value) ? value.map(() => hidden) : hidden
  if (typeof value === 'string') return /^accessstring$/i.test(name) ? withoutPasswords(value) : value
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return `${value.byteLength} bytes`
  if (Array.isArray(value)) return value.map(item => redacted(item, name))
  if (typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .map(([key, member]) => [lowered(key), redacted(member, key)]),
    )
  }
  return value
}

const withoutPasswords = (text: string): string => text.replaceAll(secretInAccessString, `$1${hidden}`)

/** Only the first letter: `AZMode` is `aZMode` in CloudTrail's own examples. */
const lowered = (name: string): string => name.slice(0, 1).toLowerCase() + name.slice(1)
