/**
 * Undoes LZF, by which engines compress long texts in their files (`liblzf`'s format): either a run of literal bytes, or a
 * distance back and a length to repeat from there.
 */
import { BadData } from '@hotshelf/domain'

export function unpackLzf(packed: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length)
  let from = 0
  let to = 0
  while (from < packed.length) {
    const control = packed[from++]!
    if (control < 32) {
      const count = control + 1
      out.set(packed.subarray(from, from + count), to)
      from += count
      to += count
      continue
    }
    let count = control >> 5
    if (count === 7) count += packed[from++]!
    let back = to - ((control & 31) << 8) - packed[from++]! - 1
    if (back < 0 || to + count + 2 > length) throw new BadData('a compressed text reaches out of itself')
    for (let left = count + 2; left > 0; left--) out[to++] = out[back++]!
  }
  if (to !== length) throw new BadData('a compressed text is not as long as it says')
  return out
}
