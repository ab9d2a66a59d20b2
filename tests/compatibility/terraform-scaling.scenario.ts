/**
 * A replication group that Terraform changes in place, with a replica as a resource of its own: every plan after an apply
 * is empty. The provider waits 30 s before its first look; most of this test's time is that.
 */
import { fileURLToPath } from 'node:url'
import { dispose, type Hotshelf, startHotshelf, type Terraform, terraformMissing, terraformOn } from '@hotshelf/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const template = fileURLToPath(new URL('./terraform-scaling', import.meta.url))
const missing = terraformMissing()
if (missing !== undefined) console.warn(`Skipped: ${missing}.`)

let hotshelf: Hotshelf
let terraform: Terraform

async function succeeds(...words: string[]): Promise<string> {
  const { code, output } = await terraform.run(...words)
  expect(code, output).toBe(0)
  return output
}

beforeAll(async () => {
  if (missing !== undefined) return
  hotshelf = await startHotshelf()
  terraform = terraformOn(template, hotshelf.endpoint)
}, 120_000)

afterAll(async () => {
  if (missing !== undefined) return
  terraform.dispose()
  await dispose(hotshelf)
})

describe.skipIf(missing !== undefined)(
  'a group that Terraform changes (needs `terraform` and a local mirror of the AWS provider)',
  () => {
    it('is made with a replica of its own, and a second plan is empty', { timeout: 300_000 }, async () => {
      await succeeds('init')
      expect(await succeeds('apply', '-auto-approve')).toMatch(/2 added, 0 changed, 0 destroyed/)
      await succeeds('plan', '-detailed-exitcode')
    })

    it('takes a newer engine, a larger node type and TLS without replacement, and plans empty again', {
      timeout: 600_000,
    }, async () => {
      const wishes = ['engine_version=7.1', 'node_type=cache.t4g.small', 'encrypted=true'].flatMap(text => [
        '-var',
        text,
      ])
      expect(await succeeds('apply', '-auto-approve', ...wishes)).toMatch(/0 added, 1 changed, 0 destroyed/)
      await succeeds('plan', '-detailed-exitcode', ...wishes)
    })

    it('goes, the replica first', { timeout: 300_000 }, async () => {
      expect(await succeeds('destroy', '-auto-approve')).toMatch(/2 destroyed/)
    })
  },
)
