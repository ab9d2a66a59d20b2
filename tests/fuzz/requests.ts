/**
 * Requests for the front door that no client would send, from a seed: a call of some operation with values of the kind
 * its model wants (or not), in some protocol, signed in some way or not, and then broken in the values, the bytes or
 * the HTTP around them. Some are not broken at all: what lies behind the door must be reached.
 */
import { createHash, createHmac } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { cbor } from '@smithy/core/cbor'
import type { LoadedService } from '@hotshelf/wire'
import type { Random } from '../chaos/random.ts'
import { bombs } from './bombs.ts'
import { breakBytes, nasty } from './nasty.ts'
import { toForm, toJson, valueOf } from './values.ts'

export interface FuzzKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

export interface FuzzRequest {
  /** For the report: which way it was made. */
  readonly kind: string
  /** What goes over the socket. */
  readonly bytes: Buffer
  /** The sender ends its side after the bytes: the server may be waiting for more. */
  readonly half: boolean
}

interface Draft {
  method: string
  target: string
  headers: [string, string][]
  body: Buffer
}

export interface FuzzService {
  readonly model: LoadedService
  /** Names of the operations that are built. */
  readonly built: readonly string[]
}

export interface Makings {
  readonly services: readonly FuzzService[]
  readonly key: FuzzKey
  readonly now: () => Date
}

const protocols = ['form', 'json', 'cbor'] as const

export function makeRequest(random: Random, makings: Makings): FuzzRequest {
  if (random.chance(0.03)) return { ...bombs(random), half: true }
  const { model: service, built } = random.pick(makings.services)
  const protocol = random.chance(0.75) ? habitOf(service) : random.pick(protocols)
  const draft = callOf(random, { service, built, protocol })
  const kind = [service.signingName, protocol]
  if (random.chance(0.4)) {
    draft.body = breakBytes(draft.body, random)
    kind.push('broken values')
  }
  if (random.chance(0.1)) {
    draft.body = gzipSync(draft.body)
    draft.headers.push(['content-encoding', random.pick(['gzip', 'gzip', 'br', 'deflate', 'GZIP'])])
  }
  kind.push(sign(random, draft, { service, ...makings }))
  if (random.chance(0.35)) {
    breakDraft(random, draft)
    kind.push('broken after')
  }
  return { kind: kind.join(', '), ...written(random, draft) }
}

const habitOf = (service: LoadedService): (typeof protocols)[number] => (service.form ? 'form' : 'json')

interface Subject {
  readonly service: LoadedService
  readonly built: readonly string[]
  readonly protocol: (typeof protocols)[number]
}

function callOf(random: Random, { service, built, protocol }: Subject): Draft {
  const operation = service.operations.get(
    random.chance(0.85) ? random.pick(built) : random.pick([...service.operations.keys()]),
  )!
  const input = random.chance(0.25) ? {} : valueOf(operation.input, random, 0)
  const name = random.chance(0.03) ? nasty(random) : operation.name
  const headers: [string, string][] = [['host', 'localhost']]
  if (protocol === 'form') {
    headers.push(['content-type', 'application/x-www-form-urlencoded'])
    const body = `Action=${encodeURIComponent(name.replaceAll(/\p{Surrogate}/gu, '?'))}&Version=${service.version}${toForm(input)}`
    return { method: 'POST', target: '/', headers, body: Buffer.from(body) }
  }
  if (protocol === 'json') {
    headers.push(
      ['content-type', `application/x-amz-json-1.${random.below(2)}`],
      ['x-amz-target', `${service.target}.${clean(name)}`],
    )
    return { method: 'POST', target: '/', headers, body: Buffer.from(toJson(input)) }
  }
  headers.push(['content-type', 'application/cbor'], ['smithy-protocol', 'rpc-v2-cbor'])
  const target = `/service/${service.target}/operation/${encodeURIComponent(clean(name))}`
  return { method: 'POST', target, headers, body: Buffer.from(cbor.serialize(input)) }
}

/** As much of a text as may stand in a header. */
const clean = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '?')

const hash = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest()
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, mark => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)

interface Signing extends Makings {
  readonly service: LoadedService
}

function sign(random: Random, draft: Draft, { service, key, now }: Signing): string {
  const stamp = now()
    .toISOString()
    .replaceAll(/[-:]|\.\d+/g, '')
  const scope = `${stamp.slice(0, 8)}/${random.pick(['us-east-1', 'us-east-1', 'eu-west-1', 'x'])}/${service.signingName}/aws4_request`
  const way = random.pick([
    'right',
    'right',
    'right',
    'right',
    'presigned',
    'wrong',
    'cut',
    'none',
    'stranger',
  ] as const)
  if (way === 'none') return way
  const credential = `${way === 'stranger' ? 'AKIANOBODY' : key.accessKeyId}/${scope}`
  if (way === 'presigned') {
    const parameters = {
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': credential,
      'X-Amz-Date': stamp,
      'X-Amz-Expires': random.pick(['60', '60', '0', '604801', '-1', '1e3', '']),
      'X-Amz-SignedHeaders': 'host',
    }
    const query = Object.entries(parameters)
      .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
      .join('&')
    const host = `host:localhost\n`
    const canonical = [draft.method, pathOf(draft.target), query, host, 'host', hash(draft.body)].join('\n')
    draft.target = `${draft.target}?${query}&X-Amz-Signature=${signatureOf(key, stamp, scope, canonical)}`
    return way
  }
  draft.headers.push(['x-amz-date', stamp])
  const signed = draft.headers.filter(([name]) => name !== 'content-encoding').toSorted(([a], [b]) => (a < b ? -1 : 1))
  const names = signed.map(([name]) => name).join(';')
  const headers = signed.map(([name, value]) => `${name}:${value.trim().replaceAll(/\s+/g, ' ')}\n`).join('')
  const canonical = [draft.method, pathOf(draft.target), '', headers, names, hash(draft.body)].join('\n')
  const signature = signatureOf(key, stamp, scope, canonical)
  const whole = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${
    way === 'wrong' ? signature.replace(/^./, digit => (digit === '0' ? '1' : '0')) : signature
  }`
  draft.headers.push(['authorization', way === 'cut' ? whole.slice(0, random.below(whole.length)) : whole])
  return way
}

const pathOf = (target: string): string => target.split('/').map(encoded).join('/')

function signatureOf(key: FuzzKey, stamp: string, scope: string, canonical: string): string {
  const signing = scope
    .split('/')
    .reduce<string | Buffer>((from, part) => hmac(from, part), `AWS4${key.secretAccessKey}`)
  return hmac(signing, ['AWS4-HMAC-SHA256', stamp, scope, hash(canonical)].join('\n')).toString('hex')
}

/** One or two things go wrong on the way. */
function breakDraft(random: Random, draft: Draft): void {
  for (let times = 1 + random.below(2); times > 0; times--) random.pick(breakers)(draft, random)
}

const breakers: readonly ((draft: Draft, random: Random) => void)[] = [
  (draft, random) => void (draft.body = breakBytes(draft.body, random)),
  (draft, random) => void draft.headers.splice(random.below(draft.headers.length), 1),
  (draft, random) => {
    const header = random.pick(draft.headers)
    header[1] = random.chance(0.5)
      ? clean(nasty(random)).slice(0, 4_000)
      : header[1].slice(0, random.below(header[1].length + 1))
  },
  (draft, random) => void draft.headers.push([...random.pick(draft.headers)]),
  (draft, random) =>
    void draft.headers.push(
      random.pick<[string, string]>([
        ['origin', 'http://evil.example'],
        ['content-encoding', 'gzip'],
        ['smithy-protocol', 'rpc-v2-cbor'],
        ['x-amz-target', 'constructor.__proto__'],
        ['x-amz-security-token', 'x'.repeat(3_000)],
        ['x-amz-content-sha256', 'UNSIGNED-PAYLOAD'],
        ['transfer-encoding', 'chunked'],
        ['expect', '100-continue'],
        ['upgrade', 'websocket'],
        ['connection', 'upgrade'],
        ['content-length', '5'],
        ['authorization', 'Basic eA=='],
        ['__proto__', 'x'],
      ]),
    ),
  (draft, random) =>
    void (draft.method = random.pick(['GET', 'PUT', 'OPTIONS', 'HEAD', 'DELETE', 'TRACE', 'BREW', 'CONNECT'])),
  (draft, random) => {
    draft.target = random.pick([
      '/_hotshelf/health',
      '/_hotshelf/events?last=1e9',
      `/_hotshelf/plan?group=${encodeURIComponent(clean(nasty(random)))}`,
      '/_hotshelf/groups/../../etc/passwd',
      '/_hotshelf/%',
      'http://[::1',
      '//',
      '/service/x/operation/y',
      `/?${encodeURIComponent(clean(nasty(random)))}`,
      '/?X-Amz-Credential=%ZZ&X-Amz-Signature=1',
      '*',
      `/${'a/'.repeat(2_000)}`,
    ])
  },
]

function written(random: Random, { method, target, headers, body }: Draft): Pick<FuzzRequest, 'bytes' | 'half'> {
  const said = headers.some(([name]) => name === 'content-length' || name === 'transfer-encoding')
  const half = random.chance(0.02)
  const length = half ? body.length + 1 + random.below(1_000) : body.length
  const lines = [
    `${method} ${target} HTTP/1.1`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(said ? [] : [`content-length: ${length}`]),
  ]
  const bytes = Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body])
  if (!random.chance(0.03)) return { bytes, half: half || said }
  return { bytes: breakBytes(bytes, random), half: true }
}
