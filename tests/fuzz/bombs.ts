/** Small or well-formed requests that would cost a careless server much: memory, stack, or time. Made once each. */
import { gzipSync } from 'node:zlib'
import type { Random } from '../chaos/random.ts'

export interface Bomb {
  readonly kind: string
  readonly bytes: Buffer
}

const megabyte = 1024 * 1024
const scoped = (service: string): string =>
  `authorization: AWS4-HMAC-SHA256 Credential=A/20260102/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`

const post = (headers: readonly string[], body: Buffer | string, target = '/'): Buffer =>
  Buffer.concat([
    Buffer.from(
      [
        `POST ${target} HTTP/1.1`,
        'host: localhost',
        ...headers,
        `content-length: ${Buffer.byteLength(body)}`,
        '',
        '',
      ].join('\r\n'),
    ),
    Buffer.from(body),
  ])

const form = (body: Buffer | string, ...more: string[]): Buffer => post([scoped('elasticache'), ...more], body)
const json = (body: string): Buffer => post([scoped('logs'), 'x-amz-target: Logs_20140328.DescribeLogGroups'], body)
const rpc = (body: Buffer): Buffer =>
  post([scoped('logs'), 'smithy-protocol: rpc-v2-cbor'], body, '/service/Logs_20140328/operation/DescribeLogGroups')

const recipes: readonly (readonly [kind: string, make: () => Buffer])[] = [
  ['a megabyte of ampersands', () => form('&'.repeat(megabyte))],
  ['a megabyte of parameters', () => form('a=&'.repeat(megabyte / 3))],
  ['a megabyte of dots', () => form(`Action=CreateUser&${'.'.repeat(megabyte - 100)}=1`)],
  ['far positions of a list', () => form(`Action=DeleteUser&${'UserId.999999999=1&'.repeat(20_000)}`)],
  ['a megabyte of percent signs', () => form('%'.repeat(megabyte - 10))],
  ['more than a megabyte', () => form('x'.repeat(2 * megabyte))],
  ['unsigned, without a scope', () => post([], `Version=2015-02-02&${'a.b.c=1&'.repeat(90_000)}`)],
  ['a megabyte of brackets', () => json('['.repeat(megabyte - 100))],
  ['objects in objects', () => json('{"a":'.repeat(100_000))],
  ['a closed tower of lists', () => json(`${'['.repeat(200_000)}${']'.repeat(200_000)}`)],
  ['nested CBOR lists', () => rpc(Buffer.alloc(megabyte - 100, 0x81))],
  ['nested CBOR tags', () => rpc(Buffer.alloc(megabyte - 100, 0xc1))],
  [
    'CBOR lists that claim four billion items',
    () => rpc(Buffer.alloc(200_000, Buffer.from([0x9a, 0xff, 0xff, 0xff, 0xff]))),
  ],
  ['a CBOR text that claims four billion bytes', () => rpc(Buffer.from([0x7b, 0, 0, 0, 1, 0, 0, 0, 0, 0x61]))],
  ['a CBOR list without end', () => rpc(Buffer.concat([Buffer.from([0x9f]), Buffer.alloc(megabyte - 100, 0x00)]))],
  ['a gzip of fifty megabytes', () => form(gzipSync(Buffer.alloc(50 * megabyte)), 'content-encoding: gzip')],
  [
    'an XML body with entities',
    () => form(`<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "${'c'.repeat(1000)}">]><a>${'&b;'.repeat(10_000)}</a>`),
  ],
  ['headers of a megabyte', () => post([scoped('elasticache'), `x-long: ${'x'.repeat(megabyte)}`], '')],
  [
    'ten thousand headers',
    () =>
      post(
        Array.from({ length: 10_000 }, (_, index) => `x-${index}: 1`),
        '',
      ),
  ],
  ['a path of a megabyte', () => post([scoped('elasticache')], '', `/${'a'.repeat(megabyte)}`)],
  [
    'chunks that never end',
    () => Buffer.from(`POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(50_000)}`),
  ],
  [
    'a chunk size of sixty-four bits',
    () => Buffer.from('POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\nx'),
  ],
  [
    'both a length and chunks',
    () =>
      Buffer.from(
        'POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n',
      ),
  ],
  ['a negative length', () => Buffer.from('POST / HTTP/1.1\r\nhost: h\r\ncontent-length: -1\r\n\r\n')],
  ['no HTTP at all', () => Buffer.from('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03')],
  [
    'a credential of slashes',
    () => post([`authorization: AWS4-HMAC-SHA256 Credential=${'/'.repeat(12_000)}`], 'Action=DeleteUser'),
  ],
  [
    'a signature of commas',
    () => post([`authorization: AWS4-HMAC-SHA256 ${'Credential=a,'.repeat(1_000)}`], 'Action=DeleteUser'),
  ],
]

const made = new Map<string, Buffer>()

export function bombs(random: Random): Bomb {
  const [kind, make] = random.pick(recipes)
  const bytes = made.get(kind) ?? make()
  made.set(kind, bytes)
  return { kind: `bomb: ${kind}`, bytes }
}
