/**
 * The certificate authority of one data directory: customers trust its certificate once (`hotshelf ca`), nodes get
 * theirs from it. Keys are EC P-256: a TLS handshake costs an engine a third less than with RSA-2048.
 * Made on first use. The certificate file is written last: without it the authority does not exist yet.
 */
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import { makeDirectory, readIfThere, writeWhole } from '../durable-file.ts'

export interface CertificateFiles {
  readonly certificate: string
  readonly key: string
}

export interface Authority {
  /** PEM file for `tls-ca-cert-file`. */
  readonly certificateFile: string
  /** PEM text, for those who shall trust it. */
  authorityCertificate(): Promise<string>
  /**
   * Makes the certificate name all these hosts and addresses (it keeps those it names already). True when it wrote one.
   * The key stays as it is, so that key and certificate on the disk always belong together.
   */
  issue(files: CertificateFiles, subjects: readonly string[]): Promise<boolean>
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const dayMs = 86_400_000
const authorityDays = 3650
/** What Apple's and others' verifiers accept at most. */
const nodeDays = 397
const renewDaysAhead = 60
/** Clocks of containers and virtual machines lag behind their host's. */
const backdateMs = 3_600_000

interface Keys {
  readonly certificate: x509.X509Certificate
  readonly key: webcrypto.CryptoKey
}

/** `directory`: absolute; holds ca.crt and ca.key (0600). `now` is for tests of renewal. */
export function certificateAuthority(options: { readonly directory: string; readonly now?: () => Date }): Authority {
  const now = options.now ?? (() => new Date())
  const files = { certificate: join(options.directory, 'ca.crt'), key: join(options.directory, 'ca.key') }
  let opened: Promise<Keys> | undefined
  const authority = (): Promise<Keys> => {
    opened ??= open(options.directory, files, now())
    // A full disk today must not be remembered for ever.
    opened.catch(() => (opened = undefined))
    return opened
  }
  return {
    certificateFile: files.certificate,
    authorityCertificate: async () => `${(await authority()).certificate.toString('pem')}\n`,
    issue: async (node, subjects) => {
      const by = await authority()
      const current = await readCertificate(node.certificate)
      const named = current ? subjectsOf(current) : []
      const wanted = [...new Set([...named, ...subjects])]
      if (current && wanted.length === named.length && (await isGood(current, by, now()))) {
        if ((await readIfThere(node.key)) !== undefined) return false
      }
      const keys = await nodeKeys(node.key)
      const certificate = await sign(by, keys.publicKey, wanted, now())
      await writeWhole(node.certificate, `${certificate.toString('pem')}\n`)
      return true
    },
  }
}

/** The hosts and addresses that a certificate names. */
export function subjectsOf(certificate: x509.X509Certificate): readonly string[] {
  const extension = certificate.getExtension(x509.SubjectAlternativeNameExtension)
  return extension?.names.toJSON().map(({ value }) => value) ?? []
}

async function open(directory: string, files: CertificateFiles, now: Date): Promise<Keys> {
  const certificate = await readCertificate(files.certificate)
  const key = await readIfThere(files.key)
  if (certificate && key !== undefined) return { certificate, key: await importKey(key) }
  await makeDirectory(directory)
  const keys = await generateKeys()
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=Hotshelf CA ${serialNumber().slice(0, 8)},O=Hotshelf`,
    serialNumber: serialNumber(),
    notBefore: new Date(now.getTime() - backdateMs),
    notAfter: new Date(now.getTime() + authorityDays * dayMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  await writeWhole(files.key, await exportKey(keys.privateKey), { durable: true })
  await writeWhole(files.certificate, `${made.toString('pem')}\n`, { durable: true, mode: 0o644 })
  return { certificate: made, key: keys.privateKey }
}

async function sign(by: Keys, publicKey: webcrypto.CryptoKey, subjects: readonly string[], now: Date) {
  return x509.X509CertificateGenerator.create({
    subject: [{ CN: [commonName(subjects)] }],
    issuer: by.certificate.subject,
    serialNumber: serialNumber(),
    notBefore: new Date(now.getTime() - backdateMs),
    notAfter: new Date(Math.min(now.getTime() + nodeDays * dayMs, by.certificate.notAfter.getTime())),
    signingAlgorithm: algorithm,
    publicKey,
    signingKey: by.key,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      // Nodes are each other's clients as well: replication and the cluster bus.
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension(
        subjects.map(subject => ({ type: isIP(subject) === 0 ? ('dns' as const) : ('ip' as const), value: subject })),
      ),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(by.certificate),
    ],
  })
}

/** X.520 allows 64 characters; verifiers read the alternative names anyway. */
const commonName = (subjects: readonly string[]): string =>
  subjects.find(subject => isIP(subject) === 0 && subject.length <= 64) ??
  subjects.find(subject => subject.length <= 64) ??
  'node'

async function isGood(certificate: x509.X509Certificate, by: Keys, now: Date): Promise<boolean> {
  const left = certificate.notAfter.getTime() - now.getTime()
  if (left < renewDaysAhead * dayMs) return false
  return certificate.verify({ publicKey: by.certificate, signatureOnly: true })
}

async function readCertificate(path: string): Promise<x509.X509Certificate | undefined> {
  const text = await readIfThere(path)
  if (text === undefined) return undefined
  try {
    return new x509.X509Certificate(text)
  } catch {
    return undefined // cut short by a power cut: as good as none
  }
}

/** The node's key, made on first use. */
async function nodeKeys(path: string): Promise<{ readonly publicKey: webcrypto.CryptoKey }> {
  const text = await readIfThere(path)
  if (text !== undefined) {
    try {
      return { publicKey: await publicHalf(await importKey(text)) }
    } catch {
      // Unreadable: nothing depends on it yet that a new certificate would not replace.
    }
  }
  const keys = await generateKeys()
  await writeWhole(path, await exportKey(keys.privateKey))
  return keys
}

const generateKeys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

const exportKey = async (key: webcrypto.CryptoKey): Promise<string> =>
  `${x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`

const importKey = (pem: string): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), algorithm, true, ['sign'])

async function publicHalf(key: webcrypto.CryptoKey): Promise<webcrypto.CryptoKey> {
  const { kty, crv, x, y } = await webcrypto.subtle.exportKey('jwk', key)
  if (!kty || !crv || !x || !y) throw new TypeError('not an EC key')
  return webcrypto.subtle.importKey('jwk', { kty, crv, x, y }, algorithm, true, ['verify'])
}

/** 128 random bits, positive (RFC 5280 4.1.2.2). */
function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16))
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return Buffer.from(bytes).toString('hex')
}
