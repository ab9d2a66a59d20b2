/** A node's certificate is renewed while it serves: newcomers see the new one, and nobody who is connected notices. */
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { ModifyReplicationGroupCommand } from '@aws-sdk/client-elasticache'
import { dispose, eventually, type Hotshelf, processesIn, RespClient, startHotshelf } from '@hotshelf/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Customer, customerOf } from './customer.ts'

let hotshelf: Hotshelf
let customer: Customer
let authority: string

beforeAll(async () => {
  hotshelf = await startHotshelf()
  customer = customerOf(hotshelf)
  authority = await (await fetch(`${hotshelf.endpoint}/_hotshelf/ca.pem`)).text()
})
afterAll(() => dispose(hotshelf))

async function shown(host: string, port: number): Promise<string> {
  const socket = connect({ host, port, ca: authority })
  await once(socket, 'secureConnect')
  const { fingerprint256 } = socket.getPeerCertificate()
  socket.destroy()
  return fingerprint256
}

it('renews a certificate that is not good any more, and disconnects nobody', async () => {
  const group = await customer.create('encrypted', { NumCacheClusters: 2, TransitEncryptionEnabled: true })
  const { Address: host, Port: port } = group.NodeGroups![0]!.PrimaryEndpoint!
  const client = await RespClient.connect({ host: host!, port: port!, authority })
  expect(await client.text('SET', 'key', 'value')).toBe('OK')
  const before = await shown(host!, port!)
  const { directory } = processesIn(hotshelf.dataDir).find(found => found.directory.endsWith('/encrypted-001'))!
  const file = join(directory, 'node.crt')
  expect(existsSync(file)).toBe(true)

  writeFileSync(file, 'no certificate')
  // Looked at within half a minute, or with the next change.
  await customer.elasticache.send(
    new ModifyReplicationGroupCommand({ ReplicationGroupId: 'encrypted', ReplicationGroupDescription: 'looked at' }),
  )
  const after = await eventually(
    () => shown(host!, port!),
    fingerprint => fingerprint !== before,
    120_000,
  )
  expect(readFileSync(file, 'utf8')).toContain('BEGIN CERTIFICATE')
  await customer.available('encrypted')
  expect(await client.text('GET', 'key')).toBe('value')
  // It is read once, not again and again.
  expect(await shown(host!, port!)).toBe(after)
  expect(hotshelf.output()).not.toMatch(/Stuck/)
})
