import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer } from 'node:tls'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { certificateAuthority } from './authority.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hs-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const directory = () => join(root, 'authority')
const files = () => ({ certificate: join(root, 'node.crt'), key: join(root, 'node.key') })
const certificate = () => new X509Certificate(readFileSync(files().certificate))
const dayMs = 86_400_000
const inDays = (days: number) => () => new Date(Date.now() + days * dayMs)

test('is a P-256 authority for ten years, with a key that only its owner reads', async () => {
  const authority = certificateAuthority({ directory: directory() })
  const ca = new X509Certificate(await authority.authorityCertificate())
  expect(ca.ca).toBe(true)
  expect(ca.publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: 'prime256v1' })
  expect(Date.parse(ca.validTo) - Date.now()).toBeGreaterThan(3640 * dayMs)
  expect(statSync(join(directory(), 'ca.key')).mode & 0o777).toBe(0o600)
  expect(readFileSync(authority.certificateFile, 'utf8')).toBe(await authority.authorityCertificate())
})

test('stays the same authority when it is opened again', async () => {
  const before = await certificateAuthority({ directory: directory() }).authorityCertificate()
  expect(await certificateAuthority({ directory: directory() }).authorityCertificate()).toBe(before)
})

test('makes nothing before it is needed', () => {
  certificateAuthority({ directory: directory() })
  expect(readdirSync(root)).toEqual([])
})

test('an authority whose making was interrupted is made anew', async () => {
  await certificateAuthority({ directory: directory() }).authorityCertificate()
  rmSync(join(directory(), 'ca.crt'))
  const authority = certificateAuthority({ directory: directory() })
  await authority.issue(files(), ['127.77.0.1'])
  const ca = new X509Certificate(await authority.authorityCertificate())
  expect(certificate().verify(ca.publicKey)).toBe(true)
})

test('a client that trusts the authority talks to a node, each with its certificate', async () => {
  const authority = certificateAuthority({ directory: directory() })
  await authority.issue(files(), ['127.0.0.1', 'master.orders.test'])
  const own = { cert: readFileSync(files().certificate), key: readFileSync(files().key) }
  const ca = await authority.authorityCertificate()
  const server = createServer({ ...own, ca, requestCert: true, rejectUnauthorized: true }, socket =>
    socket.end('hello'),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  for (const servername of ['', 'master.orders.test']) {
    const socket = connect({ host: '127.0.0.1', port, ca, ...own, servername })
    const [greeting] = (await once(socket, 'data')) as [Buffer]
    expect(greeting.toString()).toBe('hello')
    expect(socket.authorized).toBe(true)
    socket.destroy()
  }
  server.close()
})

test('is valid for no longer than verifiers accept, and already an hour ago', async () => {
  await certificateAuthority({ directory: directory() }).issue(files(), ['127.77.0.1'])
  const { validFrom, validTo } = certificate()
  expect((Date.parse(validTo) - Date.parse(validFrom)) / dayMs).toBeLessThanOrEqual(398)
  expect(Date.parse(validFrom)).toBeLessThan(Date.now() - 3_500_000)
})

test('writes only when a subject is missing or the end is near', async () => {
  const authority = certificateAuthority({ directory: directory() })
  expect(await authority.issue(files(), ['127.77.0.1'])).toBe(true)
  expect(await authority.issue(files(), ['127.77.0.1'])).toBe(false)
  expect(await authority.issue(files(), ['127.77.192.1'])).toBe(true)
  expect([certificate().checkIP('127.77.0.1'), certificate().checkIP('127.77.192.1')]).not.toContain(undefined)
  const sooner = certificateAuthority({ directory: directory(), now: inDays(300) })
  expect(await sooner.issue(files(), ['127.77.0.1'])).toBe(false)
  const later = certificateAuthority({ directory: directory(), now: inDays(360) })
  expect(await later.issue(files(), ['127.77.0.1'])).toBe(true)
  expect(Date.parse(certificate().validTo)).toBeGreaterThan(Date.now() + 700 * dayMs)
})

test('keeps the key when the certificate is renewed, so that both always belong together', async () => {
  const authority = certificateAuthority({ directory: directory() })
  await authority.issue(files(), ['127.77.0.1'])
  const key = readFileSync(files().key, 'utf8')
  await authority.issue(files(), ['127.77.192.1'])
  expect(readFileSync(files().key, 'utf8')).toBe(key)
})

test.each(['certificate', 'key'] as const)('a damaged or missing %s is replaced', async which => {
  const authority = certificateAuthority({ directory: directory() })
  await authority.issue(files(), ['127.77.0.1'])
  for (const damage of [() => writeFileSync(files()[which], 'cut off'), () => rmSync(files()[which])]) {
    damage()
    expect(await authority.issue(files(), ['127.77.0.1'])).toBe(true)
    const server = createServer({ cert: readFileSync(files().certificate), key: readFileSync(files().key) })
    server.close()
  }
})

test('a certificate of another authority is replaced', async () => {
  const other = certificateAuthority({ directory: join(root, 'other') })
  await other.issue(files(), ['127.77.0.1'])
  const authority = certificateAuthority({ directory: directory() })
  expect(await authority.issue(files(), ['127.77.0.1'])).toBe(true)
  expect(certificate().verify(new X509Certificate(await authority.authorityCertificate()).publicKey)).toBe(true)
})

test('tells when a certificate was written, and that it is due before it ends or when it is none of ours', async () => {
  const authority = certificateAuthority({ directory: directory() })
  expect(await authority.state(files())).toBeUndefined()
  await authority.issue(files(), ['127.77.0.1'])
  const state = await authority.state(files())
  expect(state).toEqual({ writtenAt: statSync(files().certificate).mtime, due: false })
  const later = certificateAuthority({ directory: directory(), now: inDays(360) })
  expect(await later.state(files())).toMatchObject({ due: true })
  await later.issue(files(), ['127.77.0.1'])
  expect(await later.state(files())).toMatchObject({ due: false })
  writeFileSync(files().certificate, 'cut off')
  expect(await certificateAuthority({ directory: directory() }).state(files())).toMatchObject({ due: true })
})
