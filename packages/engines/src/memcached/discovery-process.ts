/**
 * The process behind a configuration endpoint. It outlives the control plane like the nodes do: it keeps the list of
 * nodes in its own directory, and control tells it a newer one over its unix socket. An older one is refused.
 * Arguments: address, port, unix socket, and the files of certificate and key where the cluster is encrypted.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { type Membership, parseMembership, renderMembership } from '@hotshelf/domain'
import { discoveryAnswer, serveClient } from './discovery-server.ts'

/** In the working directory. */
export const membershipFile = 'membership'

function main([address, port, socket, certificate, key]: readonly string[]): void {
  let membership: Membership = parseMembership(readIfThere(membershipFile)) ?? { version: 0, nodes: [] }
  const options = { membership: () => membership, tls: certificate !== undefined }
  const serve = (client: Socket): void => serveClient(client, options)
  const server =
    certificate !== undefined && key !== undefined
      ? createTlsServer({ cert: readFileSync(certificate), key: readFileSync(key) }, serve)
      : createServer({ noDelay: true, keepAlive: true }, serve)
  server.on('tlsClientError', () => {})
  server.on('error', error => {
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  })
  server.listen({ host: address, port: Number(port), backlog: 1024 })

  const control = createServer(client => {
    client.on('error', () => client.destroy())
    readControl(client, text => {
      const told = text === undefined ? undefined : parseMembership(text)
      if (text !== undefined && told && told.version >= membership.version) {
        writeFileSync(`${membershipFile}.new`, renderMembership(told), { flush: true } as object)
        renameSync(`${membershipFile}.new`, membershipFile)
        membership = told
        client.write('STORED\r\n')
      } else if (text !== undefined) client.write('CLIENT_ERROR an older list of nodes\r\n')
      else client.write(discoveryAnswer('config get cluster', membership) ?? '')
    })
  })
  rmSync(socket ?? '', { force: true })
  control.listen(socket)
  process.on('SIGTERM', () => process.exit(0))
}

/** `config get cluster`, or `config set cluster <flags> <bytes>` and the bytes: ElastiCache's own command for its nodes. */
function readControl(client: Socket, onRequest: (set: string | undefined) => void): void {
  let held = ''
  client.setEncoding('latin1')
  client.on('data', (chunk: string) => {
    held += chunk
    for (;;) {
      const end = held.indexOf('\r\n')
      if (end < 0) return
      const size = /^config set cluster \d+ (\d+)$/.exec(held.slice(0, end))?.[1]
      const whole = end + 2 + (size === undefined ? 0 : Number(size) + 2)
      if (held.length < whole) return
      onRequest(size === undefined ? undefined : held.slice(end + 2, whole - 2))
      held = held.slice(whole)
    }
  })
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

main(process.argv.slice(2))
