import { describe, expect, it } from 'vitest'
import { isFromThisMachine } from './private.ts'

const asked = (remoteAddress: string | undefined, headers: Record<string, string>) =>
  isFromThisMachine({ socket: { remoteAddress }, headers })

describe('pages about groups', () => {
  it.each([
    ['127.0.0.1', { host: '127.0.0.1:4566' }],
    ['127.0.0.1', { host: 'localhost:4566' }],
    ['::1', { host: '[::1]:4566' }],
    ['::ffff:127.0.0.1', { host: 'localhost' }],
    ['127.0.0.1', { host: 'localhost:4566', origin: 'http://localhost:4510', 'sec-fetch-site': 'same-origin' }],
  ])('answer a program of this machine: from %s with %j', (from, headers) => {
    expect(asked(from, headers)).toBe(true)
  })

  it.each([
    ['another machine', '192.168.1.7', { host: '127.0.0.1:4566' }],
    ['a connection that is gone', undefined, { host: '127.0.0.1:4566' }],
    ['a name that was made to lead here (DNS rebinding)', '127.0.0.1', { host: 'evil.example:4566' }],
    ['a name that only begins like a loopback address', '127.0.0.1', { host: '127.0.0.1.evil.example' }],
    ['a request without a host', '127.0.0.1', {}],
    ['a host that cannot be read', '127.0.0.1', { host: '%' }],
    ['a web page of another site', '127.0.0.1', { host: 'localhost:4566', origin: 'https://evil.example' }],
    ['a sandboxed web page', '127.0.0.1', { host: 'localhost:4566', origin: 'null' }],
    ['an image tag of another site', '127.0.0.1', { host: 'localhost:4566', 'sec-fetch-site': 'cross-site' }],
  ])('refuse %s', (_, from, headers) => {
    expect(asked(from, headers as Record<string, string>)).toBe(false)
  })
})
