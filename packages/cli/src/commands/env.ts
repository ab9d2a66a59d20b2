/**
 * `hotshelf env`: the variables that point the aws command, every SDK and Terraform here.
 * Where any credentials are accepted it sets some; a session token of a real account would only confuse, so it is emptied.
 * Where calls must be signed the shell's own stay.
 */
import { type Command, Option } from 'commander'
import { serverAt } from '../api.ts'
import { serverEndpoint } from '../find-server.ts'
import { openOutput } from '../output.ts'
import { askingServer, type AddCommand, type RemoteOptions } from './command.ts'

type Shell = 'sh' | 'fish' | 'powershell' | 'json'

const shells = ['sh', 'bash', 'zsh', 'fish', 'powershell', 'json']

export const envCommand: AddCommand = (program: Command) => {
  askingServer(program.command('env'))
    .description('print what points aws, SDKs and Terraform at this server: eval "$(hotshelf env)"')
    .addOption(new Option('--shell <shell>', 'for which shell; default: the one you use').choices(shells))
    .option('--region <region>', "default: the server's")
    .action(async (options: RemoteOptions & { readonly shell?: string; readonly region?: string }) => {
      const output = openOutput(options.json ?? false)
      const endpoint = serverEndpoint(options)
      const server = await askServer(endpoint, text => output.note(text))
      const region = options.region ?? server.region
      const shell = output.json ? 'json' : dialect(options.shell ?? process.env.SHELL ?? '')
      output.say(exportsFor(shell, variables(endpoint, region, server.signed)))
    })
}

/** A server that is not up yet does not keep anybody from preparing a shell. */
async function askServer(endpoint: string, note: (text: string) => void) {
  try {
    const { region, signatures } = await serverAt(endpoint).health()
    const signed = signatures === 'required'
    if (signed && !process.env.AWS_ACCESS_KEY_ID) {
      note('# Calls must be signed: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to a key of `hotshelf key create`.')
    }
    return { region, signed }
  } catch {
    note(`# No Hotshelf answers at ${endpoint} yet: start one with \`npx hotshelf up\`.`)
    return { region: process.env.HOTSHELF_REGION || 'us-east-1', signed: false }
  }
}

const anyCredentials = { AWS_ACCESS_KEY_ID: 'hotshelf', AWS_SECRET_ACCESS_KEY: 'hotshelf', AWS_SESSION_TOKEN: '' }

const variables = (endpoint: string, region: string, signed: boolean): Readonly<Record<string, string>> => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  ...(signed ? {} : anyCredentials),
})

export function exportsFor(shell: Shell, values: Readonly<Record<string, string>>): string {
  if (shell === 'json')
    return JSON.stringify(Object.fromEntries(Object.entries(values).filter(([, value]) => value !== '')))
  return Object.entries(values)
    .map(([name, value]) => (value === '' ? forgetting[shell](name) : setting[shell](name, value)))
    .join('\n')
}

type Spelling<A extends string[]> = Readonly<Record<Exclude<Shell, 'json'>, (...it: A) => string>>

const setting: Spelling<[name: string, value: string]> = {
  sh: (name, value) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`,
  fish: (name, value) => `set -gx ${name} '${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}';`,
  powershell: (name, value) => `$Env:${name} = '${value.replaceAll("'", "''")}'`,
}

const forgetting: Spelling<[name: string]> = {
  sh: name => `unset ${name}`,
  fish: name => `set -e ${name};`,
  powershell: name => `Remove-Item Env:${name} -ErrorAction SilentlyContinue`,
}

/** From a shell's name or path. */
export function dialect(shell: string): Shell {
  const name = shell.slice(shell.lastIndexOf('/') + 1)
  if (name === 'fish' || name === 'json') return name
  return name === 'powershell' || name === 'pwsh' ? 'powershell' : 'sh'
}
