/** Texts and changes of bytes that parsers stumble over. */
import type { Random } from '../chaos/random.ts'

const texts = [
  '',
  '\0',
  '\uFFFF',
  '\uD800',
  '%',
  '%ZZ',
  '%00',
  '%FF',
  '__proto__',
  'constructor',
  'toString',
  '..',
  '../../etc/passwd',
  '.',
  '1e999',
  '-0',
  '-1',
  'NaN',
  '9'.repeat(400),
  '99999999999999999999',
  'null',
  'true',
  '{}',
  '[]',
  '<',
  '&',
  '"',
  '\\',
  '\r\n',
  '\n',
  'é',
  '😀',
  'a.b.c',
  "' or 1=1 --",
  '${jndi:ldap://x}',
  '$(id)',
  '`id`',
  '*',
  '?',
  'x'.repeat(300),
  'x'.repeat(5_000),
  ' ',
  '\t',
  'arn:aws:elasticache:us-east-1:000000000000:replicationgroup:x',
  'arn:::::',
  '<!DOCTYPE x [<!ENTITY a "b">]>',
  '\u202e',
  '-'.repeat(60),
]

export const nasty = (random: Random): string => random.pick(texts)

/** One to three changes. */
export function breakBytes(bytes: Buffer, random: Random): Buffer {
  let result = bytes
  for (let times = 1 + random.below(3); times > 0; times--) result = random.pick(changes)(result, random)
  return result
}

const at = (bytes: Buffer, random: Random): number => random.below(bytes.length + 1)
const put = (bytes: Buffer, where: number, what: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, where), what, bytes.subarray(where)])

const changes: readonly ((bytes: Buffer, random: Random) => Buffer)[] = [
  (bytes, random) => {
    const copy = Buffer.from(bytes)
    if (copy.length > 0) copy[random.below(copy.length)] = random.below(256)
    return copy
  },
  (bytes, random) => bytes.subarray(0, at(bytes, random)),
  (bytes, random) => bytes.subarray(at(bytes, random)),
  (bytes, random) => {
    const [from, to] = [at(bytes, random), at(bytes, random)].toSorted((a, b) => a - b) as [number, number]
    return put(bytes, at(bytes, random), bytes.subarray(from, Math.min(to, from + 2_000)))
  },
  (bytes, random) => put(bytes, at(bytes, random), Buffer.from(nasty(random))),
  (bytes, random) =>
    put(bytes, at(bytes, random), Buffer.from(Array.from({ length: random.below(40) }, () => random.below(256)))),
  (bytes, random) =>
    Buffer.from(
      bytes.toString('latin1').replace(/=[^&]*|"[^"]*"|\d+/, () => Buffer.from(nasty(random)).toString('latin1')),
      'latin1',
    ),
]
