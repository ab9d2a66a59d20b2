// The real AWS provider makes a network for a cache, finds nothing to change, changes it, and takes it away.
import { fileURLToPath } from 'node:url'
import { type Terraform, terraformMissing, terraformOn } from '@hotshelf/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type InProcess, scope, startInProcess } from '../../tests/in-process.ts'
import { securityGroups } from './security-group/security-group.ts'
import { vpcs } from './vpc/vpc.ts'

const template = fileURLToPath(new URL('../../tests/terraform', import.meta.url))
const missing = terraformMissing()
if (missing !== undefined) console.warn(`Skipped: ${missing}.`)

describe.skipIf(missing !== undefined)('a network in Terraform', () => {
  let services: InProcess
  let terraform: Terraform
  beforeAll(async () => {
    services = await startInProcess()
    terraform = terraformOn(template, services.url)
  })
  afterAll(async () => {
    terraform?.dispose()
    await services?.close()
  })

  const succeeds = async (...words: string[]): Promise<string> => {
    const { code, output } = await terraform.run(...words)
    expect(code, output).toBe(0)
    return output
  }
  const edits = ['port=6380', 'retention_in_days=14', 'team=blue'].flatMap(edit => ['-var', edit])

  it('is made, and a second plan is empty', { timeout: 300_000 }, async () => {
    await succeeds('init')
    expect(await succeeds('apply', '-auto-approve')).toMatch(/default_subnets = 3/)
    await succeeds('plan', '-detailed-exitcode')
  })

  it('is changed in place, and the plan is empty again', { timeout: 300_000 }, async () => {
    expect(await succeeds('apply', '-auto-approve', ...edits)).toMatch(/0 added, 4 changed, 0 destroyed/)
    await succeeds('plan', '-detailed-exitcode', ...edits)
  })

  it('is taken away, and only the default VPC is left', { timeout: 300_000 }, async () => {
    await succeeds('destroy', '-auto-approve', ...edits)
    expect(await vpcs(services.store).list(scope)).toMatchObject([{ desired: { isDefault: true } }])
    expect(await securityGroups(services.store).list(scope)).toMatchObject([{ desired: { groupName: 'default' } }])
    expect(await services.store.repository('log-group').list(scope)).toEqual([])
  })
})
