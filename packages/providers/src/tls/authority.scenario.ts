/** Real engines with our certificates: clients are served through every name, and replicas trust their primary. */
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { elasticacheArn, type NodeId, type NodePlace } from '@hotshelf/domain'
import { eventually } from '@hotshelf/testkit'
import { afterEach, expect, test } from 'vitest'
import { realMachine, valkey } from '../../test/real-machine.ts'

const group = elasticacheArn({ account: '000000000000', region: 'us-east-1' }, 'replicationgroup', 'orders')
const machine = realMachine()
afterEach(() => machine.dispose())

async function ask(place: NodePlace, command: string): Promise<string> {
  if (!place.tls) throw new Error('no certificates')
  const [ca, cert, key] = [place.tls.authority, place.tls.certificate, place.tls.key].map(path => readFileSync(path))
  const socket = connect({
    host: place.address,
    port: place.tlsPort ?? place.port,
    ca: ca ?? '',
    cert: cert ?? '',
    key: key ?? '',
  })
  try {
    await once(socket, 'secureConnect')
    socket.write(`${command}\r\n`)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    return answer.toString()
  } finally {
    socket.destroy()
  }
}

test('a replica follows its primary over TLS, and both serve clients that trust the authority', async () => {
  const provider = await machine.open()
  const request = (number: number) => ({
    group,
    groupName: 'orders',
    node: `orders-00${number}` as NodeId,
    port: 6379,
    availabilityZone: 'us-east-1a',
    transitEncryption: 'preferred' as const,
    clusterMode: false,
  })
  const [primary, replica] = [await provider.place(request(1)), await provider.place(request(2))]
  for (const place of [primary, replica]) {
    const launch = machine.launch(place, 'first')
    const following = place === replica ? `replicaof ${primary.address} ${primary.tlsPort}\n` : ''
    const content = `${launch.files[0]?.content}tls-replication yes\nprotected-mode no\n${following}`
    await provider.start({ ...launch, program: valkey, files: [{ name: 'valkey.conf', content }] })
  }
  const info = await eventually(
    () => ask(replica, 'INFO replication').catch(() => ''),
    answer => answer.includes('master_link_status:up'),
  )
  expect(info).toContain(`master_host:${primary.address}`)
  expect(await ask(primary, 'PING')).toBe('+PONG\r\n')
  const certificate = readFileSync(join(primary.directory, 'node.crt'))
  expect(new X509Certificate(certificate).checkIP(primary.address)).toBe(primary.address)
})
