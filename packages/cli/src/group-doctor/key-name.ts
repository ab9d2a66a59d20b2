/** Key names for people and for shells, and the patterns that gather them: `user:17:cart` and `user:18:cart` are `user:*:cart`. */

/** UTF-8 that can be shown stays; every other byte becomes \xNN, and a backslash is doubled, so nothing is ambiguous. */
export function printable(key: Buffer): string {
  const text = key.toString('utf8')
  if (!text.includes('\ufffd') && !/[\p{Cc}\p{Cf}\p{Co}]/u.test(text)) return text.replaceAll('\\', '\\\\')
  return [...key]
    .map(byte => {
      if (byte === 0x5c) return '\\\\'
      return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`
    })
    .join('')
}

/** A printable key as one word of a shell; bytes that cannot be typed need bash's $'…'. */
export function shellWord(key: string): string {
  if (/^[\w@%+=:,./-]+$/.test(key) && !key.startsWith('-')) return key
  if (key.includes('\\')) return `$'${key.replaceAll("'", "\\'")}'`
  return `'${key.replaceAll("'", `'\\''`)}'`
}

const longest = 60

/** Parts of a name that hold digits or are long stand for ids. A hash tag keeps its braces. */
export function patternOf(key: string): string {
  const parts = key.split(/([:/|])/)
  const pattern =
    parts.length === 1 ? key.replaceAll(/\d+/g, '*') : parts.map(part => (isId(part) ? wildcard(part) : part)).join('')
  const short = pattern.length <= longest ? pattern : `${pattern.slice(0, longest - 1)}*`
  return short.replaceAll(/\*{2,}/g, '*')
}

const isId = (part: string): boolean => /\d/.test(part) || part.length > 24
const wildcard = (part: string): string => (/^\{.*\}$/.test(part) ? '{*}' : '*')

/** Whether it begins with a word and a separator, as patterns for SCAN MATCH need it. */
export const hasPrefix = (key: string): boolean => /^[^:/|]+[:/|]/.test(key)
