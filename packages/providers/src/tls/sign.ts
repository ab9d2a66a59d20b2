/**
 * Makes certificates: the one place that knows the certificate library. About 8 ms of work each, so whoever asks first looks
 * whether the one on the disk will do (authority.ts, with what Node brings along).
 */
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import * as x509 from '@peculiar/x509'

/** What signs: opened once, used often. */
export interface Signer {
  readonly certificate: x509.X509Certificate
  readonly key: webcrypto.CryptoKey
  readonly authorityKeyId: x509.Extension
}

export interface Validity {
  readonly from: Date
  readonly to: Date
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** A new authority: certificate and private key, both PEM. */
export async function makeAuthority({ from, to }: Validity): Promise<{ certificate: string; key: string }> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=Hotshelf CA ${serialNumber().slice(0, 8)},O=Hotshelf`,
    serialNumber: serialNumber(),
    notBefore: from,
    notAfter: to,
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  return { certificate: `${certificate.toString('pem')}\n`, key: `${key}\n` }
}

export async function openSigner(certificate: string, key: string): Promise<Signer> {
  const parsed = new x509.X509Certificate(certificate)
  const pkcs8 = x509.PemConverter.decodeFirst(key)
  return {
    certificate: parsed,
    key: await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']),
    authorityKeyId: await x509.AuthorityKeyIdentifierExtension.create(parsed),
  }
}

/** `publicKey`: SPKI in DER. `subjects`: addresses and host names. Answers PEM. */
export async function signNode(
  by: Signer,
  publicKey: Buffer,
  subjects: readonly string[],
  { from, to }: Validity,
): Promise<string> {
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [commonName(subjects)] }],
    issuer: by.certificate.subject,
    serialNumber: serialNumber(),
    notBefore: from,
    notAfter: to,
    signingAlgorithm: algorithm,
    publicKey: await webcrypto.subtle.importKey('spki', publicKey, algorithm, true, ['verify']),
    signingKey: by.key,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      // Nodes are each other's clients as well: replication and the cluster bus.
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension(
        subjects.map(subject => ({ type: isIP(subject) === 0 ? ('dns' as const) : ('ip' as const), value: subject })),
      ),
      by.authorityKeyId,
    ],
  })
  return `${certificate.toString('pem')}\n`
}

/** X.520 allows 64 characters; verifiers read the alternative names anyway. */
const commonName = (subjects: readonly string[]): string =>
  subjects.find(subject => isIP(subject) === 0 && subject.length <= 64) ?? 'hotshelf node'

/** 128 random bits, positive (RFC 5280 4.1.2.2). */
function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16))
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return Buffer.from(bytes).toString('hex')
}
