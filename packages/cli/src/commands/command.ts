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

/** Of commands that work on the store itself, for whoever may read the server's data directory. */
export interface StoreOptions {
  readonly dataDir?: string
  readonly store?: string
  readonly config?: string
  readonly json?: boolean
}

export const onStore = (command: Command): Command =>
  command
    .option('--data-dir <directory>', "the server's data directory (HOTSHELF_DATA_DIR; default: ~/.hotshelf)")
    .option('--store <url>', 'its store, if the server was given another than its directory (HOTSHELF_STORE)')
    .option('--config <file>', "the server's config file (HOTSHELF_CONFIG; default: the one in the data directory)")
    .option('--json', 'answer in JSON')

/** The settings of the server that such a command works beside. */
export const storeSources = ({ dataDir, store, config }: StoreOptions) => ({
  flags: { ...(dataDir !== undefined && { dataDir }), ...(store !== undefined && { store }) },
  file: config,
  environment: process.env,
})
