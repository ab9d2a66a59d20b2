/**
 * Where the server is: what was said (`--endpoint-url`, HOTSHELF_ENDPOINT), else the server that holds the data
 * directory, else the default port.
 */
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { usage } from './failed.ts'

export interface ServerChoice {
  readonly endpointUrl?: string | undefined
  readonly dataDir?: string | undefined
}

/** Without a slash at its end. */
export function serverEndpoint(choice: ServerChoice, environment: NodeJS.ProcessEnv = process.env): string {
  const said = choice.endpointUrl ?? (choice.dataDir === undefined ? environment.HOTSHELF_ENDPOINT : undefined)
  if (said !== undefined && said !== '') return checked(said)
  const dataDir = choice.dataDir ?? environment.HOTSHELF_DATA_DIR ?? join(homedir(), '.hotshelf')
  return announcedIn(resolve(dataDir)) ?? `http://127.0.0.1:${environment.HOTSHELF_PORT || '4566'}`
}

function checked(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed && /^https?:$/.test(parsed.protocol)) return url.replace(/\/+$/, '')
  throw usage(`"${url}" is not the URL of a server.`, 'Write it as http://127.0.0.1:4566.')
}

/** The server leaves its address in its lock file. A stale one answers nothing, which is told then. */
function announcedIn(dataDir: string): string | undefined {
  try {
    const lock = JSON.parse(readFileSync(join(dataDir, 'server.lock'), 'utf8')) as { readonly endpoint?: unknown }
    return typeof lock.endpoint === 'string' ? lock.endpoint : undefined
  } catch {
    return undefined
  }
}
