/**
 * Cache clusters that Terraform makes, changes and destroys (aws_elasticache_cluster), of Memcached and of a single Redis node:
 * every plan after an apply is empty. The provider waits 30 s before its first look; most of this test's time is that.
 */
import { fileURLToPath } from 'node:url'
import { dispose, type Hotshelf, startHotshelf, type Terraform, terraformMissing, terraformOn } from '@hotshelf/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const template = fileURLToPath(new URL('../../examples/terraform-cache-clusters', import.meta.url))
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
  'cache clusters of Terraform (need `terraform` and a local mirror of the AWS provider)',
  () => {
    it('are made, changed and destroyed, and every plan after an apply is empty', { timeout: 900_000 }, async () => {
      await succeeds('init')
      expect(await succeeds('apply', '-auto-approve')).toMatch(/3 added, 0 changed, 0 destroyed/)
      await succeeds('plan', '-detailed-exitcode')
      const larger = ['-var', 'redis_node_type=cache.t4g.small', '-var', 'maintenance_window=mon:05:00-mon:06:00']
      for (const [changed, variables] of [
        [2, ['-var', 'memcached_nodes=4', ...larger]],
        [1, ['-var', 'memcached_nodes=3', ...larger]],
      ] as const) {
        const output = await succeeds('apply', '-auto-approve', ...variables)
        expect(output).toContain(`0 added, ${changed} changed, 0 destroyed`)
        await succeeds('plan', '-detailed-exitcode', ...variables)
      }
      expect(await succeeds('destroy', '-auto-approve')).toMatch(/3 destroyed/)
    })
  },
)
