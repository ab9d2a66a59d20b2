/** The certificate authority as a file, which is how command-line clients want it: private to this user, and ours to remove. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface AuthorityFile {
  readonly path: string
  remove(): void
}

export function keepAuthorityFile(pem: string): AuthorityFile {
  const directory = mkdtempSync(join(tmpdir(), 'hotshelf-ca-'))
  const path = join(directory, 'ca.pem')
  writeFileSync(path, pem, { mode: 0o600 })
  return { path, remove: () => rmSync(directory, { recursive: true, force: true }) }
}
