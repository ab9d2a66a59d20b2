/** The signer under test's opposite is the SDK's own, so that both halves cannot share one mistake. */
import { createHash, createHmac, type BinaryLike } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import type { HttpRequest } from '@smithy/types'
import { describe, expect, it } from 'vitest'
import { seeded } from '../../test/random-value.ts'
import type { HeaderValues, WireRequest } from '../message.ts'
import type { AccessKey } from './keys.ts'
import { verifyPresignedUrl } from './presigned.ts'
import { verifySignature, type VerifyOptions } from './signature-v4.ts'

const NOW = new Date('2026-01-02T03:04:05Z')
const KEY: AccessKey = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  accountId: '111122223333',
  arn: 'arn:aws:iam::111122223333:user/alice',
}
const TEMPORARY: AccessKey = {
  ...KEY,
  accessKeyId: 'ASIAEXAMPLE',
  sessionToken: 'a/token+with=signs',
  expiresAt: new Date('2026-01-02T04:00:00Z'),
}
const options: VerifyOptions = {
  keys: id => [KEY, TEMPORARY].find(key => key.accessKeyId === id),
  now: () => NOW.getTime(),
}

interface Signing {
  readonly key?: AccessKey
  readonly method?: string
  readonly path?: string
  readonly query?: Record<string, string | string[]>
  readonly headers?: Record<string, string>
  readonly body?: string | Uint8Array
  readonly at?: Date
  readonly region?: string
  readonly service?: string
}

function signerOf({ key = KEY, region = 'us-east-1', service = 'sns' }: Signing): SignatureV4 {
  return new SignatureV4({ credentials: key, region, service, sha256: NodeSha256 as never, applyChecksum: false })
}

function toSign(signing: Signing): HttpRequest {
  const { method = 'POST', path = '/', query = {}, headers = {}, body = 'Action=ListTopics' } = signing
  return {
    protocol: 'http:',
    hostname: 'localhost',
    method,
    path,
    query,
    headers: { host: 'localhost:4510', ...headers },
    body,
  }
}

async function signed(signing: Signing = {}): Promise<WireRequest> {
  const request = (await signerOf(signing).sign(toSign(signing), { signingDate: signing.at ?? NOW })) as HttpRequest
  return received(request)
}

/** As it arrives: lower-case header names, a query string, bytes. */
function received({ method, path, query, headers, body }: HttpRequest): WireRequest {
  return {
    method,
    path,
    query: queryString(query ?? {}),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: typeof body === 'string' ? new TextEncoder().encode(body) : (body as Uint8Array),
  }
}

function queryString(query: HttpRequest['query']): string {
  return Object.entries(query ?? {})
    .flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value ?? '']).map(
        each => `${encodeURIComponent(name)}=${encodeURIComponent(each)}`,
      ),
    )
    .join('&')
}

class NodeSha256 {
  private readonly hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>
  constructor(secret?: BinaryLike) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret)
  }
  update(data: BinaryLike): void {
    this.hash.update(data)
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.hash.digest()))
  }
}

async function refusalOf(
  request: WireRequest,
  more: Partial<VerifyOptions> = {},
): Promise<{ kind: string; message: string } | 'accepted'> {
  const verified = await verifySignature(request, { ...options, ...more })
  return verified.ok ? 'accepted' : verified.refusal
}

function withHeaders(request: WireRequest, headers: HeaderValues): WireRequest {
  return { ...request, headers: { ...request.headers, ...headers } }
}

describe('a signature that the SDK’s signer made', () => {
  it('is accepted and tells who signed, for what and when', async () => {
    expect(await verifySignature(await signed(), options)).toEqual({
      ok: true,
      key: KEY,
      scope: {
        accessKeyId: 'AKIDEXAMPLE',
        date: '20260102',
        region: 'us-east-1',
        service: 'sns',
        terminator: 'aws4_request',
      },
      signed: { signedAt: NOW, expiresAt: undefined },
    })
  })

  it.each<[string, Signing]>([
    ['temporary credentials', { key: TEMPORARY }],
    ['a binary body', { body: Uint8Array.from([0, 255, 10, 13]) }],
    ['no body', { method: 'GET', body: '' }],
    ['headers full of blanks', { headers: { 'x-amz-target': '  A.B   c  ', 'x-amz-meta': 'é ü' } }],
    ['the path of an rpc call', { path: '/service/Granite.Service/operation/PutMetricData' }],
    ['a path that needs encoding', { path: '/a b/ü/%41' }],
    ['parameters that need encoding and ordering', { query: { 'b c': '1+2/3=4', a: ['z', 'y', ''], "'": '~!*()' } }],
    ['another service and region', { service: 'monitoring', region: 'eu-central-1' }],
  ])('is accepted over %s', async (_, signing) => {
    expect(await refusalOf(await signed(signing))).toBe('accepted')
  })

  it('is accepted for random requests and refused once anything signed is changed', async () => {
    const random = seeded(42)
    const text = () =>
      Array.from({ length: 1 + random.below(8) }, () => random.pick([..."aZ09-_.~ /+=&%!'()*é中😀"])).join('')
    for (let round = 0; round < 60; round++) {
      const request = await signed({
        query: { [text()]: text(), [text()]: [text(), text()] },
        headers: { 'x-amz-meta': text() },
        body: text(),
      })
      expect(await refusalOf(request), JSON.stringify(request)).toBe('accepted')
      const changed = random.pick<WireRequest>([
        { ...request, body: new Uint8Array([...request.body, 0]) },
        { ...request, query: `${request.query}&x=1` },
        { ...request, path: `${request.path}x` },
        { ...request, method: 'PUT' },
        withHeaders(request, { 'x-amz-meta': `${String(request.headers['x-amz-meta'])}.` }),
        withHeaders(request, { host: 'elsewhere' }),
      ])
      expect(await refusalOf(changed)).toMatchObject({ kind: 'mismatch' })
    }
  })
})

describe('a signature is refused', () => {
  it('when it was made with another secret, or with a key that nobody has', async () => {
    expect(await refusalOf(await signed({ key: { ...KEY, secretAccessKey: 'guessed' } }))).toEqual({
      kind: 'mismatch',
      message:
        'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    })
    expect(await refusalOf(await signed({ key: { ...KEY, accessKeyId: 'AKIDNOBODY' } }))).toEqual({
      kind: 'unknown-key',
      message: 'The security token included in the request is invalid.',
    })
  })

  it('when the clocks differ by more than five minutes, and says by how much', async () => {
    expect(await refusalOf(await signed({ at: new Date('2026-01-02T02:59:05Z') }))).toBe('accepted')
    expect(await refusalOf(await signed({ at: new Date('2026-01-02T02:59:04Z') }))).toEqual({
      kind: 'clock',
      message: 'Signature expired: 20260102T025904Z is now earlier than 20260102T025905Z (20260102T030405Z - 5 min.)',
    })
    expect(await refusalOf(await signed({ at: new Date('2026-01-02T03:09:06Z') }))).toEqual({
      kind: 'clock',
      message:
        'Signature not yet current: 20260102T030906Z is still later than 20260102T030905Z (20260102T030405Z + 5 min.)',
    })
  })

  it('when the session token is missing, is another one, or has expired', async () => {
    const { sessionToken: _, ...tokenless } = TEMPORARY
    expect(await refusalOf(await signed({ key: tokenless }))).toMatchObject({ kind: 'bad-token' })
    expect(await refusalOf(await signed({ key: { ...TEMPORARY, sessionToken: 'other' } }))).toMatchObject({
      kind: 'bad-token',
    })
    const later = new Date('2026-01-02T04:00:01Z')
    const late = await signed({ key: TEMPORARY, at: later })
    expect(await refusalOf(late, { now: () => later.getTime() })).toMatchObject({ kind: 'expired-token' })
  })

  it('when its scope is of another service or region than asked for', async () => {
    expect(await refusalOf(await signed(), { service: 'sts' })).toEqual({
      kind: 'wrong-scope',
      message: "Credential should be scoped to correct service: 'sts'.",
    })
    expect(await refusalOf(await signed({ region: 'mars-1' }), { region: 'us-east-1' })).toEqual({
      kind: 'wrong-scope',
      message: "Credential should be scoped to a valid region, not 'mars-1'.",
    })
  })

  it('when the payload was left unsigned', async () => {
    const request = withHeaders(await signed(), { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' })
    expect(await refusalOf(request)).toMatchObject({ kind: 'mismatch' })
    const honest = await signed({ headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } })
    expect(await refusalOf(honest)).toMatchObject({ kind: 'mismatch' })
  })

  it('when a header that says what is to be done was not signed', async () => {
    expect(await refusalOf(withHeaders(await signed(), { 'x-amz-target': 'Logs.DeleteLogGroup' }))).toMatchObject({
      kind: 'mismatch',
    })
  })

  it('when there is none, half of one, or one of another kind', async () => {
    const request = await signed()
    const { authorization, ...bare } = request.headers
    expect(await refusalOf({ ...request, headers: bare })).toEqual({
      kind: 'missing',
      message: 'Request is missing Authentication Token',
    })
    expect(await refusalOf(withHeaders(request, { authorization: 'AWS4-HMAC-SHA256 Credential=x' }))).toEqual({
      kind: 'incomplete',
      message:
        "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter.",
    })
    expect(await refusalOf(withHeaders(request, { authorization: 'Basic abc' }))).toMatchObject({ kind: 'incomplete' })
    const cut = String(authorization).slice(0, -1)
    expect(await refusalOf(withHeaders(request, { authorization: cut }))).toMatchObject({ kind: 'mismatch' })
    expect(await refusalOf(withHeaders(request, { 'x-amz-date': '20260231T000000Z' }))).toMatchObject({
      kind: 'incomplete',
    })
    const otherTerm = String(authorization).replace('aws4_request', 'aws5_request')
    expect(await refusalOf(withHeaders(request, { authorization: otherTerm }))).toMatchObject({ kind: 'wrong-scope' })
  })
})

describe('a presigned URL', () => {
  const token: Signing = {
    method: 'GET',
    body: '',
    query: { Action: 'connect', User: 'alice' },
    service: 'elasticache',
    headers: {},
  }

  async function presigned(signing: Signing = {}, expiresIn = 900): Promise<string> {
    const request = { ...toSign({ ...token, ...signing }), headers: { host: 'my-cache' } }
    const { path, query } = (await signerOf({ ...token, ...signing }).presign(request, {
      signingDate: signing.at ?? NOW,
      expiresIn,
    })) as HttpRequest
    return `my-cache${path}?${queryString(query)}`
  }

  it('is accepted with or without its scheme and tells its host, parameters and end', async () => {
    for (const url of [await presigned(), `http://${await presigned({ key: TEMPORARY })}`]) {
      const verified = await verifyPresignedUrl(url, { ...options, service: 'elasticache' })
      expect(verified).toMatchObject({
        ok: true,
        host: 'my-cache',
        path: '/',
        signed: { signedAt: NOW, expiresAt: new Date('2026-01-02T03:19:05Z') },
      })
      expect(verified.ok && verified.parameters.get('User')).toBe('alice')
    }
  })

  it('is refused when its host, a parameter, its time or its service is changed', async () => {
    const url = await presigned()
    const check = (text: string, more: Partial<VerifyOptions> = {}) => verifyPresignedUrl(text, { ...options, ...more })
    expect(await check(url.replace('my-cache', 'other'))).toMatchObject({ ok: false, refusal: { kind: 'mismatch' } })
    expect(await check(url.replace('alice', 'bob'))).toMatchObject({ ok: false, refusal: { kind: 'mismatch' } })
    expect(await check(url.replace('Expires=900', 'Expires=9000'))).toMatchObject({
      ok: false,
      refusal: { kind: 'mismatch' },
    })
    expect(await check(url, { service: 'sns' })).toMatchObject({ ok: false, refusal: { kind: 'wrong-scope' } })
    expect(await check(url, { now: () => NOW.getTime() + 901_000 })).toMatchObject({
      ok: false,
      refusal: { kind: 'expired', message: 'Request has expired.' },
    })
    expect(await check(url, { now: () => NOW.getTime() - 301_000 })).toMatchObject({
      ok: false,
      refusal: { kind: 'clock' },
    })
  })

  it('is refused when it is none', async () => {
    for (const text of [
      '',
      'password',
      'my-cache/?Action=connect',
      `${await presigned()}&User=bob`,
      'x'.repeat(9000),
      'a/?%zz=1',
      'a/?X-Amz-Signature=1',
    ]) {
      expect(await verifyPresignedUrl(text, options), text.slice(0, 40)).toMatchObject({
        ok: false,
        refusal: { kind: 'incomplete' },
      })
    }
  })
})
