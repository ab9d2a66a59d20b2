/** How far something long is, on stderr: one line that is written over on a terminal, a line now and then elsewhere. */
import type { Output } from './output.ts'

export interface Progress {
  show(text: string): void
  /** A terminal's line is wiped, so that what follows begins on a clean one. */
  end(): void
}

const quietMs = { terminal: 100, log: 10_000 } as const

export function openProgress(output: Output, stream: NodeJS.WriteStream = process.stderr): Progress {
  const terminal = stream.isTTY === true && !output.json && !process.env.CI
  // What is done within the first seconds needs no report.
  let last = terminal ? 0 : performance.now()
  let written = false
  return {
    show(text) {
      if (output.json || performance.now() - last < (terminal ? quietMs.terminal : quietMs.log)) return
      last = performance.now()
      written = true
      if (terminal) stream.write(`\r\u001b[K${text}`)
      else output.note(text)
    },
    end() {
      if (terminal && written) stream.write('\r\u001b[K')
    },
  }
}
