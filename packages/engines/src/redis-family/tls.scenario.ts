/** TLS as engines serve it: which versions and ciphers, and a certificate that is renewed while clients are connected. */
import { readFileSync } from 'node:fs'
import { once } from 'node:events'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import type { NodePlace } from '@hotshelf/domain'
import { engineProcesses, installedProgram, RespClient, signAnew } from '@hotshelf/testkit'
import { describe, expect, it } from 'vitest'
import { redisFamilyEngine } from './engine.ts'

const controlPassword = 'control password'

/** The version and cipher that were agreed on, or why there was no agreement. */
async function handshake({ address, port, tls }: NodePlace, options: ConnectionOptions): Promise<string> {
  const ca = readFileSync(tls!.authority)
  const socket = connect({ host: address, port, ca, checkServerIdentity: () => undefined, ...options })
  try {
    await once(socket, 'secureConnect')
    return `${socket.getProtocol()} ${socket.getCipher().name} ${fingerprint(socket)}`
  } catch (error) {
    return `refused: ${(error as Error).message}`
  } finally {
    socket.destroy()
  }
}

const fingerprint = (socket: TLSSocket): string => socket.getPeerCertificate().fingerprint256

for (const kind of ['valkey', 'redis'] as const) {
  const program = installedProgram(`${kind}-server`)
  describe.skipIf(program === undefined)(`TLS of ${kind} (needs ${kind}-server)`, () => {
    const binary = { kind, version: program?.version ?? '', path: program?.path ?? '' }

    async function withNode(body: (place: NodePlace, engine: ReturnType<typeof redisFamilyEngine>) => Promise<void>) {
      const processes = engineProcesses()
      const engine = redisFamilyEngine()
      try {
        const place = processes.place({ transitEncryption: 'required' })
        const rest = { clusterMode: false, directives: [], maxmemoryBytes: 64 << 20, follow: undefined } as const
        const files = engine.render({
          ...rest,
          binary,
          place,
          controlPassword,
          transitEncryption: 'required',
          access: { mode: 'open' },
          clusterNodeTimeoutMs: 1000,
        })
        await processes.start(place, binary.path, files)
        const target = { place, password: controlPassword }
        await expect
          .poll(() => engine.observe(target, []).then(view => view.role, String), { timeout: 30_000 })
          .toBe('primary')
        await body(place, engine)
      } finally {
        await engine.close()
        await processes.close()
      }
    }

    it('is version 1.2 or 1.3, with forward secrecy, and nothing older', async () => {
      await withNode(async place => {
        expect(await handshake(place, {})).toMatch(/^TLSv1\.3 /)
        expect(await handshake(place, { maxVersion: 'TLSv1.2' })).toMatch(/^TLSv1\.2 ECDHE-ECDSA-(AES\d+-GCM|CHACHA20)/)
        const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' } as const
        expect(await handshake(place, old)).toMatch(/^refused: /)
        for (const ciphers of ['ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES256-SHA384', 'AES128-GCM-SHA256'])
          expect(await handshake(place, { maxVersion: 'TLSv1.2', ciphers })).toMatch(/^refused: /)
      })
    })

    it('shows a renewed certificate to newcomers, and keeps whoever is connected', async () => {
      await withNode(async (place, engine) => {
        const client = await RespClient.connect({
          host: place.address,
          port: place.port,
          authority: readFileSync(place.tls!.authority),
        })
        const before = await handshake(place, {})
        signAnew(place)
        expect(await handshake(place, {})).toBe(before)
        const directives = [
          { name: 'tls-cert-file', value: place.tls!.certificate },
          { name: 'tls-key-file', value: place.tls!.key },
        ]
        await engine.perform({ place, password: controlPassword }, { do: 'configure', directives })
        const after = await handshake(place, {})
        expect(after).toMatch(/^TLSv1\.3 /)
        expect(after).not.toBe(before)
        expect(await client.text('PING')).toBe('PONG')
      })
    })
  })
}
