/**
 * Real requests, broken in thousands of ways from one seed: whatever arrives, the answer is a success or the caller's
 * fault, in some protocol, and never a crash, a server error or a long wait.
 */
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { captureRequests } from '../../test/captured-requests.ts'
import { seeded, type Random } from '../../test/random-value.ts'
import { FULL, TESTED_SERVICES } from '../../test/services.ts'
import { createWire, type MountedService, type Wire } from '../create-wire.ts'
import type { WireRequest } from '../message.ts'

const CASES = FULL ? 50_000 : 4_000
const KEY = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'secret',
  accountId: '111122223333',
  arn: 'arn:aws:iam::111122223333:root',
}

let requests: readonly WireRequest[]
let believing: Wire
let checking: Wire
const unhandled: unknown[] = []

beforeAll(async () => {
  const captured = await Promise.all(TESTED_SERVICES.map(service => captureRequests(service, 12)))
  // A few operations of STS are made to be called without credentials; they are of no use to the checking wire.
  requests = captured.flat().filter(({ headers }) => headers['authorization'] !== undefined)
  const models = new Map(TESTED_SERVICES.map(({ model }) => [model.signingName, model]))
  const services: MountedService[] = []
  for (const model of models.values()) {
    const names = [...(await model.load()).operations.keys()]
    services.push({ model, operations: Object.fromEntries(names.map(name => [name, () => ({})])) })
  }
  const options = {
    services,
    region: 'us-east-1',
    accountId: '000000000000',
    onUnhandled: (error: unknown) => void unhandled.push(error),
  }
  believing = createWire(options)
  checking = createWire({ ...options, authenticate: { keys: id => (id === KEY.accessKeyId ? KEY : undefined) } })
}, 60_000)

it('starts from requests that are right', async () => {
  expect(requests.length).toBeGreaterThan(80)
  for (const request of requests) {
    const [believed, checked] = await Promise.all([believing(request), checking(request)])
    expect([believed.status, checked.status], Buffer.from(request.body).toString()).toEqual([200, 200])
  }
})

it('answers every broken request with a success or the caller’s fault', { timeout: 300_000 }, async () => {
  const random = seeded(20260102)
  const statuses = new Map<number, number>()
  for (let round = 0; round < CASES; round++) {
    const request = broken(random.pick(requests), random)
    const response = await random.pick([believing, checking])(request)
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
    if (response.status >= 500 || response.status < 200)
      expect(describeRequest(request)).toBe(`answered ${response.status}`)
    expect(response.headers['x-amzn-requestid']).toHaveLength(36)
  }
  expect(unhandled).toEqual([])
  // Both ends of the range were reached: the cases are neither all harmless nor all turned away at the door.
  expect(statuses.get(200)).toBeGreaterThan(CASES / 50)
  expect(statuses.get(400)).toBeGreaterThan(CASES / 10)
  expect(statuses.get(403)).toBeGreaterThan(CASES / 50)
})

describe('what is made to hurt is refused quickly', () => {
  const text = (body: string) => new TextEncoder().encode(body)
  const scoped = (service: string) => ({
    authorization: `AWS4-HMAC-SHA256 Credential=A/20260102/us-east-1/${service}/aws4_request`,
  })
  const form = (body: string): WireRequest => ({
    method: 'POST',
    path: '/',
    query: '',
    headers: scoped('elasticache'),
    body: text(body),
  })
  const json = (body: string, operation = 'PutMetricData'): WireRequest => ({
    ...form(body),
    headers: { ...scoped('monitoring'), 'x-amz-target': `GraniteServiceVersion20100801.${operation}` },
  })
  const cbor = (body: Uint8Array): WireRequest => ({
    ...form(''),
    headers: { ...scoped('monitoring'), 'smithy-protocol': 'rpc-v2-cbor' },
    path: '/service/GraniteServiceVersion20100801/operation/PutMetricData',
    body,
  })
  const megabyte = 1024 * 1024

  it.each<[string, WireRequest]>([
    ['a megabyte of ampersands', form('&'.repeat(megabyte))],
    ['a megabyte of parameters', form('a=&'.repeat(megabyte / 3))],
    ['a megabyte of dots', form(`Action=CreateUser&${'.'.repeat(megabyte - 20)}=1`)],
    ['a list with far positions', form(`Action=DeleteUser&${'UserId.999999999=1&'.repeat(20_000)}`)],
    ['a megabyte of percent signs', form('%'.repeat(megabyte))],
    ['a megabyte of opening brackets', json('['.repeat(megabyte))],
    ['objects in objects', json('{"MetricData":'.repeat(50_000))],
    ['a closed tower of lists', json(`{"MetricData":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)],
    ['a megabyte of nested CBOR lists', cbor(new Uint8Array(megabyte).fill(0x81))],
    [
      'CBOR lists that claim four billion items',
      cbor(
        Uint8Array.from(Array.from({ length: 200_000 }, (_, index) => [0x9a, 0xff, 0xff, 0xff, 0xff][index % 5] ?? 0)),
      ),
    ],
    [
      'a CBOR number of a megabyte',
      cbor(Uint8Array.from([0xc2, 0x5a, 0, 15, 255, 0, ...new Uint8Array(megabyte - 500).fill(255)])),
    ],
    [
      'fifty megabytes in a small gzip',
      {
        ...form(''),
        headers: { ...scoped('elasticache'), 'content-encoding': 'gzip' },
        body: gzipSync(new Uint8Array(50 * megabyte)),
      },
    ],
    [
      'an Authorization header of a megabyte',
      {
        ...form('Action=DeleteUser'),
        headers: { authorization: `AWS4-HMAC-SHA256 ${'Credential=a,'.repeat(80_000)}` },
      },
    ],
    [
      'a credential of slashes',
      {
        ...form('Action=DeleteUser'),
        headers: { authorization: `AWS4-HMAC-SHA256 Credential=${'/'.repeat(200_000)}` },
      },
    ],
    ['a query string of signing parameters', { ...form(''), headers: {}, query: 'X-Amz-Signature=0&'.repeat(50_000) }],
  ])('%s', async (_, request) => {
    for (const wire of [believing, checking]) {
      const response = await wire(request)
      expect(response.status).toBeGreaterThanOrEqual(400)
      expect(response.status).toBeLessThan(500)
    }
    expect(unhandled).toEqual([])
  })
})

/** One to three of the ways to break a request. */
function broken(request: WireRequest, random: Random): WireRequest {
  let result = request
  for (let times = 1 + random.below(3); times > 0; times--) result = random.pick(BREAKERS)(result, random)
  return result
}

type Breaker = (request: WireRequest, random: Random) => WireRequest

const NASTY = [
  '',
  '\u0000',
  '\uFFFF',
  '\uD800',
  '%',
  '%ZZ',
  '%FF',
  '__proto__',
  'constructor',
  '..',
  '.',
  '1e999',
  '-0',
  '9'.repeat(400),
  'null',
  '{}',
  '[]',
  '<',
  '"',
  '\\',
  '\r\n',
  'é',
  '😀',
  'a.b.c',
  'x'.repeat(3000),
]

const BREAKERS: readonly Breaker[] = [
  // one byte becomes another
  (request, random) =>
    withBody(request, body => {
      if (body.length > 0) body[random.below(body.length)] = random.below(256)
      return body
    }),
  // the end is missing
  (request, random) => withBody(request, body => body.slice(0, random.below(body.length + 1))),
  // a piece comes twice
  (request, random) =>
    withBody(request, body => Uint8Array.from([...body, ...body.slice(random.below(body.length + 1))])),
  // something nasty is put in
  (request, random) =>
    withBody(request, body => {
      const at = random.below(body.length + 1)
      return Uint8Array.from([...body.slice(0, at), ...new TextEncoder().encode(random.pick(NASTY)), ...body.slice(at)])
    }),
  // a value in the text becomes something nasty
  (request, random) =>
    withBody(request, body =>
      new TextEncoder().encode(
        Buffer.from(body)
          .toString('latin1')
          .replace(/=[^&]*|"[^"]*"|\d+/, () => random.pick(NASTY)),
      ),
    ),
  // nothing but noise
  (request, random) => withBody(request, () => Uint8Array.from({ length: random.below(300) }, () => random.below(256))),
  // a header is gone, nasty, or twice
  (request, random) => withHeader(request, random, () => undefined),
  (request, random) => withHeader(request, random, () => random.pick(NASTY)),
  (request, random) => withHeader(request, random, value => [String(value), random.pick(NASTY)]),
  (request, random) => withHeader(request, random, value => String(value).slice(0, random.below(String(value).length))),
  // it claims to be of another kind
  (request, random) => ({ ...request, headers: { ...request.headers, ...random.pick(DISGUISES) } }),
  (request, random) => ({
    ...request,
    path: random.pick(['', '//', '/service/x/operation/y', '/service//operation/', '/%', `/${random.pick(NASTY)}`]),
  }),
  (request, random) => ({
    ...request,
    query: random.pick([
      'Action=DeleteUser',
      '%',
      'X-Amz-Signature=1',
      'X-Amz-Credential=a/b/c/d/e',
      'X-Amz-Credential=%ZZ',
      `a=${random.pick(NASTY)}`,
    ]),
  }),
  (request, random) => ({ ...request, method: random.pick(['GET', 'PUT', 'OPTIONS', 'HEAD', 'BREW']) }),
]

const DISGUISES = [
  { 'content-encoding': 'gzip' },
  { 'content-encoding': 'br' },
  { 'smithy-protocol': 'rpc-v2-cbor' },
  { 'x-amz-target': 'Logs_20140328.PutLogEvents' },
  { 'x-amz-target': 'constructor.toString' },
  { 'x-amz-target': '.' },
  { 'content-type': 'application/x-amz-json-1.1' },
  { origin: 'http://evil.example' },
  { authorization: 'AWS4-HMAC-SHA256' },
  { authorization: 'AWS4-HMAC-SHA256 Credential=a/b/c/__proto__/d' },
]

function withBody(request: WireRequest, change: (body: Uint8Array) => Uint8Array): WireRequest {
  return { ...request, body: change(Uint8Array.from(request.body)) }
}

function withHeader(
  request: WireRequest,
  random: Random,
  change: (value: unknown) => string | string[] | undefined,
): WireRequest {
  const name = random.pick(Object.keys(request.headers))
  return { ...request, headers: { ...request.headers, [name]: change(request.headers[name]) } }
}

function describeRequest(request: WireRequest): string {
  return JSON.stringify({ ...request, body: Buffer.from(request.body).toString('latin1') })
}
