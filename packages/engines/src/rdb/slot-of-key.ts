/** The slot of a key's bytes: CRC16 (XMODEM) of the key, or of its first non-empty {tag}, modulo 16384. Cluster specification. */
const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff
  return crc
})

const [open, close] = [0x7b, 0x7d]

export function slotOfKey(key: Uint8Array): number {
  let [from, to] = [0, key.length]
  const opened = key.indexOf(open)
  if (opened >= 0) {
    const closed = key.indexOf(close, opened + 1)
    if (closed > opened + 1) [from, to] = [opened + 1, closed]
  }
  let crc = 0
  for (let at = from; at < to; at++) crc = ((crc << 8) & 0xffff) ^ table[((crc >> 8) ^ key[at]!) & 0xff]!
  return crc & 0x3fff
}
