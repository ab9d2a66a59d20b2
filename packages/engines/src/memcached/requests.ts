/**
 * Where one request of the text protocol ends and the next begins (memcached's protocol.txt), without keeping the data in
 * between: a proxy must find the commands that it answers itself, and must never take a customer's value for one.
 */

export type Piece =
  /** A whole command line, without its end. */
  | { readonly line: string; readonly bytes: Buffer }
  /** Part of a data block, or of a line too long to be one of ours. */
  | { readonly bytes: Buffer }

const storage = new Set(['set', 'add', 'replace', 'append', 'prepend', 'cas'])
/** Memcached itself gives up on longer lines, but for lists of keys. */
const longestLine = 2048

/** Bytes of the data block that follows, its own line end included. */
function dataAfter(line: string): number {
  const words = line.split(' ').filter(word => word !== '')
  const size = storage.has(words[0] ?? '') ? words[4] : words[0] === 'ms' ? words[2]?.replace(/^S/, '') : undefined
  return size !== undefined && /^\d+$/.test(size) ? Number(size) + 2 : 0
}

export function requestSplitter(): (chunk: Buffer) => readonly Piece[] {
  let held = Buffer.alloc(0)
  let data = 0
  let long = false
  return chunk => {
    const pieces: Piece[] = []
    let rest = held.length > 0 ? Buffer.concat([held, chunk]) : chunk
    held = Buffer.alloc(0)
    while (rest.length > 0) {
      if (data > 0) {
        const part = rest.subarray(0, data)
        data -= part.length
        rest = rest.subarray(part.length)
        pieces.push({ bytes: part })
        continue
      }
      const end = rest.indexOf(10)
      if (end < 0 && rest.length < longestLine && !long) {
        held = Buffer.from(rest)
        break
      }
      if (end < 0 || long) {
        const part = end < 0 ? rest : rest.subarray(0, end + 1)
        long = end < 0
        rest = rest.subarray(part.length)
        pieces.push({ bytes: part })
        continue
      }
      const bytes = rest.subarray(0, end + 1)
      rest = rest.subarray(end + 1)
      const line = bytes.toString('latin1').replace(/\r?\n$/, '')
      data = dataAfter(line)
      pieces.push({ line, bytes })
    }
    return pieces
  }
}
