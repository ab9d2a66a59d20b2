/**
 * The certificate authority of one data directory: customers trust its certificate once (`hotshelf ca`), nodes get
 * theirs from it. Keys are EC P-256: a TLS handshake costs an engine a third less than with RSA-2048.
 * Made on first use. The certificate file is written last: without it the authority does not exist yet.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectory, readIfThere, writeWhole } from '../durable-file.ts'
import { makeAuthority, openSigner, type Signer, signNode } from './sign.ts'

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
  /** Undefined where there is no certificate. May be seconds old: it is asked for with every look at a node. */
  state(files: CertificateFiles): Promise<CertificateState | undefined>
}

export interface CertificateState {
  readonly writtenAt: Date
  /** It ends soon, or is none of this authority's for this key. */
  readonly due: boolean
}

interface Opened {
  readonly pem: string
  readonly certificate: X509Certificate
  readonly signer: Signer
}

/** What is on the disk of one node. */
interface Known {
  readonly stamp: string
  readonly key: KeyObject | undefined
  readonly named: readonly string[]
  readonly until: number
  readonly writtenAt: Date | undefined
}

const dayMs = 86_400_000
const authorityDays = 3650
/** What Apple's and others' verifiers accept at most is 398. */
const nodeDays = 397
const renewDaysAhead = 60
const lookAgainMs = 5000
/** Clocks of containers and virtual machines lag behind their host's. */
const backdateMs = 3_600_000

/** `directory`: absolute; holds ca.crt and ca.key (0600). `now` is for tests of renewal. */
export function certificateAuthority(options: { readonly directory: string; readonly now?: () => Date }): Authority {
  const { directory, now = () => new Date() } = options
  let opened: Promise<Opened> | undefined
  const authority = (): Promise<Opened> => {
    opened ??= openAuthority(directory, now())
    // A full disk today must not be remembered for ever.
    opened.catch(() => (opened = undefined))
    return opened
  }
  const known = new Map<string, Known>()
  const looked = new Map<string, number>()
  const look = async (files: CertificateFiles): Promise<Known> => {
    const { stamp, writtenAt } = await stampOf(files)
    const before = known.get(files.certificate)
    looked.set(files.certificate, now().getTime())
    if (before?.stamp === stamp) return before
    const found = { stamp, writtenAt, ...(await readNode(files, await authority())) }
    known.set(files.certificate, found)
    return found
  }
  const isDue = ({ until }: Known): boolean => until - now().getTime() <= renewDaysAhead * dayMs
  return {
    certificateFile: join(directory, 'ca.crt'),
    authorityCertificate: async () => (await authority()).pem,
    issue: async (files, subjects) => {
      const by = await authority()
      const found = await look(files)
      const { key, named } = found
      const wanted = [...new Set([...named, ...subjects])]
      if (wanted.length === named.length && !isDue(found)) return false
      const publicKey = createPublicKey(key ?? (await makeKey(files.key))).export({ type: 'spki', format: 'der' })
      const end = Math.min(now().getTime() + nodeDays * dayMs, Date.parse(by.certificate.validTo))
      const validity = { from: new Date(now().getTime() - backdateMs), to: new Date(end) }
      await writeWhole(files.certificate, await signNode(by.signer, publicKey, wanted, validity))
      looked.delete(files.certificate)
      return true
    },
    state: async files => {
      const fresh = now().getTime() - (looked.get(files.certificate) ?? 0) < lookAgainMs
      const found = (fresh && known.get(files.certificate)) || (await look(files))
      return found.writtenAt && { writtenAt: found.writtenAt, due: isDue(found) }
    },
  }
}

/** The hosts and addresses that a certificate names. */
export const subjectsOf = (certificate: X509Certificate): readonly string[] =>
  (certificate.subjectAltName ?? '').split(', ').flatMap(name => {
    const value = /^(?:DNS|IP Address):(.+)$/.exec(name)?.[1]
    return value === undefined ? [] : [value]
  })

async function openAuthority(directory: string, now: Date): Promise<Opened> {
  const files = { certificate: join(directory, 'ca.crt'), key: join(directory, 'ca.key') }
  const certificate = await readIfThere(files.certificate)
  const key = await readIfThere(files.key)
  if (certificate !== undefined && key !== undefined) return open(certificate, key)
  await makeDirectory(directory)
  const made = await makeAuthority({
    from: new Date(now.getTime() - backdateMs),
    to: new Date(now.getTime() + authorityDays * dayMs),
  })
  await writeWhole(files.key, made.key, { durable: true })
  await writeWhole(files.certificate, made.certificate, { durable: true, mode: 0o644 })
  return open(made.certificate, made.key)
}

const open = async (pem: string, key: string): Promise<Opened> => ({
  pem,
  certificate: new X509Certificate(pem),
  signer: await openSigner(pem, key),
})

/** Whether the files are the ones we looked at before: a look costs 2 ms, which adds up over many nodes. */
async function stampOf(files: CertificateFiles): Promise<Pick<Known, 'stamp' | 'writtenAt'>> {
  const stats = await Promise.all([files.certificate, files.key].map(path => stat(path).catch(() => undefined)))
  const stamp = stats.map(found => (found ? `${found.ino} ${found.mtimeMs} ${found.size}` : 'none')).join(', ')
  return { stamp, writtenAt: stats[0]?.mtime }
}

/** A certificate that is not of this authority, or not for this key, counts as expired long ago. */
async function readNode(files: CertificateFiles, by: Opened): Promise<Omit<Known, 'stamp' | 'writtenAt'>> {
  const certificate = parsed(await readIfThere(files.certificate), text => new X509Certificate(text))
  const key = parsed(await readIfThere(files.key), createPrivateKey)
  const fits = certificate && key && certificate.checkPrivateKey(key) && certificate.verify(by.certificate.publicKey)
  return { key, named: certificate ? subjectsOf(certificate) : [], until: fits ? Date.parse(certificate.validTo) : 0 }
}

async function makeKey(path: string): Promise<KeyObject> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  await writeWhole(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  return privateKey
}

/** What a power cut cut short is as good as none. */
function parsed<T>(text: string | undefined, parse: (text: string) => T): T | undefined {
  try {
    return text === undefined ? undefined : parse(text)
  } catch {
    return undefined
  }
}
