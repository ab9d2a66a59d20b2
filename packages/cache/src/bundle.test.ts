// What an application pays for what it imports: whole parts that it does not use stay out, and no part grows unnoticed.
import { gzipSync } from 'node:zlib'
import { fileURLToPath } from 'node:url'
import { build, type Metafile } from 'esbuild'
import { describe, expect, test } from 'vitest'

interface Bundle {
  /** Bytes, minified and compressed. */
  readonly size: number
  /** Folders of this package, and other packages, that are in it. */
  readonly parts: readonly string[]
  /** Packages it needs beside itself. */
  readonly needs: readonly string[]
}

const optional = ['@redis/client', '@opentelemetry/api', 'lz4-napi', 'msgpackr']

function partOf(path: string): string {
  const [, installed] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? []
  return installed ?? /src\/([^/.]+)/.exec(path)?.[1] ?? path
}

function contents({ outputs }: Metafile): Omit<Bundle, 'size'> {
  const [output] = Object.values(outputs)
  const inside = Object.entries(output!.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
  const needs = output!.imports.filter(({ kind }) => kind === 'import-statement').map(({ path }) => path)
  return {
    parts: [...new Set(inside.map(([path]) => partOf(path)))],
    needs: [...new Set(needs)].filter(path => !path.startsWith('node:')),
  }
}

async function bundle(code: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: fileURLToPath(new URL('.', import.meta.url)), loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: optional,
    write: false,
    metafile: true,
    logLevel: 'silent',
  })
  return { size: gzipSync(outputFiles[0]!.contents).length, ...contents(metafile) }
}

/** Limits stand about a tenth above what it is now: raise one only for something worth its bytes. */
const budgets: readonly (readonly [names: string, from: string, bytes: number])[] = [
  ['*', './index.ts', 34_000],
  ['{ connect, Cache }', './index.ts', 20_000],
  ['{ bind, fromIoredis, Cache }', './index.ts', 18_000],
  ['{ connect }', './index.ts', 6_400],
  ['{ connect, RateLimiter }', './index.ts', 9_400],
  ['{ connect, locks }', './index.ts', 9_700],
  ['{ connect, Sessions }', './index.ts', 9_500],
  ['{ connect, WriteBehind }', './index.ts', 10_700],
  ['{ connect, Leaderboard }', './index.ts', 7_700],
  ['*', './sources/index.ts', 5_000],
  ['*', './observe/open-telemetry.ts', 800],
]

describe('the size of a bundle', () => {
  for (const [names, from, bytes] of budgets) {
    test(`${names} from ${from}: at most ${bytes} bytes`, async () => {
      const { size } = await bundle(`export ${names} from '${from}'`)
      expect(size).toBeLessThanOrEqual(bytes)
    })
  }
})

describe('what is not used stays out', () => {
  test('a limiter brings no cache, no codecs, no memory', async () => {
    const { parts } = await bundle(`export { RateLimiter } from './index.ts'`)
    expect(parts.toSorted()).toEqual(['client', 'connection', 'errors', 'rate-limit', 'time'])
  })

  test('locks bring no cache, no codecs, no memory', async () => {
    const { parts } = await bundle(`export { connect, locks } from './index.ts'`)
    expect(parts.toSorted()).toEqual(['client', 'connection', 'errors', 'lock', 'time'])
  })

  test('a cache brings no recipes', async () => {
    const { parts } = await bundle(`export { connect, Cache } from './index.ts'`)
    const recipes = ['rate-limit', 'lock', 'session', 'leaderboard', 'geo', 'counter', 'pub-sub', 'event-stream']
    expect(parts.filter(part => recipes.includes(part) || part === 'write-behind')).toEqual([])
  })

  test('an import that uses nothing leaves nothing', async () => {
    expect((await bundle(`import { Cache } from './index.ts'`)).parts).toEqual([])
  })
})

test('nothing but Node is needed; a client only when connect is called, other packages only by their own entry', async () => {
  expect((await bundle(`export * from './index.ts'`)).needs).toEqual([])
  expect((await bundle(`export * from './sources/index.ts'`)).needs).toEqual([])
  expect((await bundle(`export * from './observe/open-telemetry.ts'`)).needs).toEqual(['@opentelemetry/api'])
})
