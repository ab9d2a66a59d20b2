// Which of the 16,384 hash slots a key belongs to (CRC16 of the key, or of its first non-empty {tag}), and how to name
// a second key that lands in the same slot, so a script may touch both in cluster mode.

const CRC16 = new Uint16Array(256).map((_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
  return crc & 0xffff
})

export const SLOTS = 16_384

/** The part of the key that is hashed. */
export function hashTag(key: string): string {
  const open = key.indexOf('{')
  if (open === -1) return key
  const close = key.indexOf('}', open + 1)
  return close > open + 1 ? key.slice(open + 1, close) : key
}

export function slotOf(key: string): number {
  const tag = hashTag(key)
  let crc = 0
  // ASCII keys are hashed without making a Buffer: this runs once per command in cluster mode.
  for (let i = 0; i < tag.length; i++) {
    const code = tag.charCodeAt(i)
    if (code > 127) return slotOfBytes(Buffer.from(tag))
    crc = ((crc << 8) & 0xffff) ^ CRC16[((crc >> 8) ^ code) & 0xff]!
  }
  return crc & (SLOTS - 1)
}

function slotOfBytes(bytes: Uint8Array): number {
  let crc = 0
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ CRC16[((crc >> 8) ^ byte) & 0xff]!
  return crc & (SLOTS - 1)
}

/**
 * A key of another purpose in the same slot: `user:42` → `{user:42}:lease`, `{acct}:42` → `{acct}:42:lease`.
 * A key with a lone `}` would cut the tag short; such keys never reach here, see `cache/keys.ts`.
 */
export function sibling(key: string, purpose: string): string {
  return hashTag(key) === key ? `{${key}}:${purpose}` : `${key}:${purpose}`
}

/** Indexes of the keys, grouped by slot. */
export function groupBySlot(keys: readonly string[]): Map<number, number[]> {
  const groups = new Map<number, number[]>()
  keys.forEach((key, index) => {
    const slot = slotOf(key)
    const group = groups.get(slot)
    if (group) group.push(index)
    else groups.set(slot, [index])
  })
  return groups
}
