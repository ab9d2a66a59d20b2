/**
 * What a check of `hotshelf doctor` answers. `problem` keeps a server from working, `warning` makes it work less well.
 */
import type { Config } from '@hotshelf/server/settings'

/** What is looked at. */
export interface Subject {
  readonly config: Config
  readonly endpointUrl: string | undefined
}

export interface Finding {
  readonly state: 'ok' | 'warning' | 'problem'
  readonly found: string
  /** Absent when all is well. */
  readonly todo?: string
}

export const ok = (found: string): Finding => ({ state: 'ok', found })
export const warning = (found: string, todo: string): Finding => ({ state: 'warning', found, todo })
export const problem = (found: string, todo: string): Finding => ({ state: 'problem', found, todo })
