/**
 * The real Terraform with the real AWS provider, against a server of a test's own. The provider comes from a copy on this
 * machine: in one of Terraform's usual places, or where TF_PLUGIN_MIRROR says. Nothing is downloaded.
 */
import { execFile, execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TerraformResult {
  readonly code: number
  readonly output: string
}

export interface Terraform {
  /** A private copy of the template. */
  readonly folder: string
  /** Runs `terraform <words>` without colour and without questions. */
  run(...words: readonly string[]): Promise<TerraformResult>
  dispose(): void
}

/** Why Terraform cannot be run here, for the message of a skipped test; undefined when it can. */
export function terraformMissing(): string | undefined {
  try {
    execFileSync('terraform', ['version'], { stdio: 'pipe' })
  } catch {
    return 'terraform is not installed'
  }
  return providerMirror() === undefined ? 'there is no local copy of the hashicorp/aws provider' : undefined
}

function providerMirror(): string | undefined {
  const below = (folder: string): string[] =>
    existsSync(folder) ? readdirSync(folder).map(name => join(folder, name)) : []
  const places = [
    process.env['TF_PLUGIN_MIRROR'] ?? '',
    join(homedir(), '.terraform.d/plugins'),
    '/usr/local/share/terraform/plugins',
    '/usr/share/terraform/plugins',
    ...below('/opt'),
  ]
  return places.find(place => place !== '' && existsSync(join(place, 'registry.terraform.io/hashicorp/aws')))
}

/** `variables` become Terraform's own, as text or JSON. */
export function terraformOn(
  template: string,
  endpoint: string,
  variables: Readonly<Record<string, string>> = {},
): Terraform {
  const folder = mkdtempSync(join(tmpdir(), 'hs-terraform-'))
  cpSync(template, folder, { recursive: true })
  const config = join(folder, 'cli.tfrc')
  writeFileSync(
    config,
    `provider_installation {\n  filesystem_mirror {\n    path = "${providerMirror() ?? ''}"\n  }\n}\n`,
  )
  const environment = {
    ...process.env,
    ...Object.fromEntries(Object.entries(variables).map(([name, value]) => [`TF_VAR_${name}`, value])),
    TF_CLI_CONFIG_FILE: config,
    TF_IN_AUTOMATION: '1',
    TF_INPUT: '0',
    TF_CLI_ARGS: '-no-color',
    CHECKPOINT_DISABLE: '1',
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
  }
  return {
    folder,
    run: (...words) =>
      new Promise(done => {
        const options = { cwd: folder, env: environment, maxBuffer: 64 << 20 }
        execFile('terraform', words, options, (error, stdout, stderr) => {
          const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0
          done({ code, output: stdout + stderr })
        })
      }),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
}
