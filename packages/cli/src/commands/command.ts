/** What commands have in common: how they are added, and the options of every command that asks a server. */
import type { Command } from 'commander'
import { type Server, serverAt } from '../api.ts'
import { serverEndpoint } from '../find-server.ts'
import { openOutput, type Output } from '../output.ts'

/** A command's action leaves its exit code here when it is not 0 and nothing was thrown. */
export interface Finished {
  code: number
}

export type AddCommand = (program: Command, finished: Finished) => void

export interface RemoteOptions {
  readonly endpointUrl?: string
  readonly dataDir?: string
  readonly json?: boolean
}

export interface Remote {
  readonly server: Server
  readonly output: Output
}

export const askingServer = (command: Command): Command =>
  command
    .option('--endpoint-url <url>', 'where the server is (HOTSHELF_ENDPOINT; default: found by the data directory)')
    .option('--data-dir <directory>', "the server's data directory (HOTSHELF_DATA_DIR; default: ~/.hotshelf)")
    .option('--json', 'answer in JSON')

export const remote = (options: RemoteOptions): Remote => ({
  server: serverAt(serverEndpoint(options)),
  output: openOutput(options.json ?? false),
})
