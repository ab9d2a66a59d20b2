/**
 * The checks of `hotshelf doctor`, in the order that people mend things. A check looks and never changes anything.
 */
import { cliTools, engines } from './engines.ts'
import type { Finding, Subject } from './finding.ts'
import { clock, fileLimit, node, overcommit } from './machine.ts'
import { addresses, names, port, server } from './network.ts'
import { dataDirectory, diskSpace, store } from './storage.ts'

export interface Check {
  readonly name: string
  look(subject: Subject): Finding | Promise<Finding>
}

export const checks: readonly Check[] = [
  { name: 'Node', look: node },
  { name: 'engines', look: engines },
  { name: 'command-line clients', look: cliTools },
  { name: 'addresses', look: addresses },
  { name: 'data directory', look: dataDirectory },
  { name: 'disk space', look: diskSpace },
  { name: 'store', look: store },
  { name: 'clock', look: clock },
  { name: 'open files', look: fileLimit },
  { name: 'memory overcommit', look: overcommit },
  { name: 'port', look: port },
  { name: 'server', look: server },
  { name: 'names', look: names },
]
