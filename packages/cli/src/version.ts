/** The version of this command line: the one place it is written is package.json. */
import { readFileSync } from 'node:fs'

export function versionHere(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}
