/**
 * A replication group that Terraform destroys leaves its final snapshot, and another that it makes begins with it
 * (final_snapshot_identifier, snapshot_name, snapshot_retention_limit). The provider waits 30 s before its first look.
 */
import { fileURLToPath } from 'node:url'
import { DescribeSnapshotsCommand } from '@aws-sdk/client-elasticache'
import { dispose, type Hotshelf, startHotshelf, type Terraform, terraformMissing, terraformOn } from '@hotshelf/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientOf, contentsOf, difference, fillWith } from '../scenarios/contents.ts'
import { type Customer, customerOf } from '../scenarios/customer.ts'

const template = fileURLToPath(new URL('./terraform-snapshots', import.meta.url))
const missing = terraformMissing()
if (missing !== undefined) console.warn(`Skipped: ${missing}.`)

let hotshelf: Hotshelf
let customer: Customer
let terraform: Terraform

async function succeeds(...words: string[]): Promise<string> {
  const { code, output } = await terraform.run(...words)
  expect(code, output).toBe(0)
  return output
}

beforeAll(async () => {
  if (missing !== undefined) return
  hotshelf = await startHotshelf()
  customer = customerOf(hotshelf)
  terraform = terraformOn(template, hotshelf.endpoint)
}, 120_000)

afterAll(async () => {
  if (missing !== undefined) return
  terraform.dispose()
  await dispose(hotshelf)
})

describe.skipIf(missing !== undefined)(
  'snapshots of Terraform (need `terraform` and a local mirror of the AWS provider)',
  () => {
    it('are left behind by a destroyed group, and a new one begins with it', { timeout: 900_000 }, async () => {
      await succeeds('init')
      await succeeds('apply', '-auto-approve')
      await succeeds('plan', '-detailed-exitcode')
      const retention = ['-var', 'retention=0']
      expect(await succeeds('apply', '-auto-approve', ...retention)).toContain('0 added, 1 changed, 0 destroyed')
      await succeeds('plan', '-detailed-exitcode', ...retention)
      const client = clientOf(await customer.group('orders'))
      await fillWith(client, 1000)
      const wanted = await contentsOf(client)
      client.disconnect()
      expect(await succeeds('destroy', '-auto-approve', ...retention)).toContain('1 destroyed')
      const { Snapshots } = await customer.elasticache.send(new DescribeSnapshotsCommand({}))
      expect(Snapshots).toMatchObject([{ SnapshotName: 'last-of-first', SnapshotStatus: 'available' }])
      const restored = ['-var', 'snapshot_name=last-of-first', '-var', 'last=last-of-second']
      await succeeds('apply', '-auto-approve', ...restored)
      await succeeds('plan', '-detailed-exitcode', ...restored)
      const again = clientOf(await customer.group('orders'))
      expect(difference(wanted, await contentsOf(again))).toEqual([])
      again.disconnect()
      expect(await succeeds('destroy', '-auto-approve', ...restored)).toContain('1 destroyed')
    })
  },
)
