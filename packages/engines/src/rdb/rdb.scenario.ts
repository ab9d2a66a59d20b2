/** Files of real engines: taken from a running node, read item by item, divided, and loaded again by stock engines. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BadData, type EngineSetup, type InstalledEngine, Unavailable } from '@hotshelf/domain'
import { engineProcesses, eventually, installedProgram, keySlot, RespClient } from '@hotshelf/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redisFamilyEngine } from '../redis-family/engine.ts'
import { rdbFormat } from './format.ts'
import { slotOfKey } from './slot-of-key.ts'

const programs = (['valkey', 'redis'] as const).map(kind => ({ kind, program: installedProgram(`${kind}-server`) }))
const controlPassword = 'a control password'

describe.each(programs)('the data of a node of $kind', ({ kind, program }) => {
  const lab = engineProcesses()
  const engine = redisFamilyEngine()
  const binary = { kind, version: program?.version ?? '', path: program?.path ?? '' } satisfies InstalledEngine
  const skipped = !program

  async function startNode(changes: Partial<EngineSetup> = {}, file?: Buffer) {
    const place = lab.place()
    if (file) writeFileSync(join(place.directory, 'restore.rdb'), file)
    const setup: EngineSetup = {
      binary,
      place,
      clusterMode: false,
      transitEncryption: 'off',
      directives: [],
      maxmemoryBytes: 1 << 30,
      controlPassword,
      access: { mode: 'open' },
      follow: undefined,
      clusterNodeTimeoutMs: 1000,
      ...(file && { loadFrom: 'restore.rdb' }),
      ...changes,
    }
    const child = await lab.start(place, binary.path, engine.render(setup))
    const target = { place, password: controlPassword }
    return { place, target, child }
  }

  async function answering(node: Awaited<ReturnType<typeof startNode>>) {
    await eventually(
      () =>
        engine.observe(node.target, []).then(
          view => !view.loading,
          () => false,
        ),
      Boolean,
    )
    return RespClient.connect({ host: node.place.address, port: node.place.port })
  }

  const taken = async (target: Awaited<ReturnType<typeof startNode>>['target']): Promise<Buffer> => {
    const chunks: Uint8Array[] = []
    for await (const chunk of engine.dump(target)) chunks.push(chunk)
    return Buffer.concat(chunks)
  }

  const stream = async function* (bytes: Buffer, size = 50_000): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }

  const divided = async (files: readonly Buffer[], targets: Parameters<typeof rdbFormat.divide>[1]) => {
    const out: Uint8Array[][] = targets.map(() => [])
    const counts = await rdbFormat.divide(
      files.map(file => stream(file)),
      targets,
      async (target, bytes) => void out[target]!.push(bytes),
    )
    return { files: out.map(parts => Buffer.concat(parts)), counts }
  }

  /** Every type in its small and its large form, times to live, numbers and long texts as keys. */
  async function fill(client: RespClient): Promise<void> {
    const many = (count: number, make: (i: number) => string) => Array.from({ length: count }, (_, i) => make(i))
    for (let i = 0; i < 40; i++) {
      const big = i % 2 === 0 ? 5 : 700
      await client.send('SET', `s:${i}`, 'x'.repeat(i * 10), ...(i % 3 === 0 ? ['PX', String(900_000 + i)] : []))
      await client.send('SET', String(i * 100_000), String(i * 7))
      await client.send('SET', `{tag${i}}${'long name '.repeat(20)}`, `{"json": ${'["a", 1],'.repeat(30)} "end"}`)
      await client.send('RPUSH', `l:${i}`, ...many(big, n => `item ${n} ${'y'.repeat(n % 90)}`))
      await client.send('SADD', `i:${i}`, ...many(big, String))
      await client.send('SADD', `t:${i}`, ...many(big, n => `member ${n}`))
      await client.send('ZADD', `z:${i}`, ...many(big, n => n + 0.5 + '').flatMap((score, n) => [score, `m${n}`]))
      await client.send(
        'HSET',
        `h:${i}`,
        ...many(big, n => `field ${n}`).flatMap(field => [field, `value of ${field}`]),
      )
      for (let n = 0; n < 12; n++) await client.send('XADD', `x:${i}`, '*', 'name', `n${n}`, 'value', String(n))
      await client.send('XGROUP', 'CREATE', `x:${i}`, 'readers', '0')
      await client.send('XREADGROUP', 'GROUP', 'readers', 'one', 'COUNT', '5', 'STREAMS', `x:${i}`, '>')
      await client.send('XREADGROUP', 'GROUP', 'readers', 'two', 'COUNT', '2', 'STREAMS', `x:${i}`, '>')
      await client.send('EXPIRE', `h:${i}`, '3600')
      await client.send('PFADD', `p:${i}`, ...many(big, String))
    }
    await client.send('FUNCTION', 'LOAD', "#!lua name=mine\nredis.register_function('one', function() return 1 end)")
  }

  const contents = async (client: RespClient) => {
    const keys = ((await client.send('KEYS', '*')) as string[]).toSorted()
    const facts = new Map<string, string>()
    for (const key of keys) facts.set(key, `${await client.text('PEXPIRETIME', key)} ${await digestOf(client, key)}`)
    return facts
  }
  /** DEBUG is withheld from customers; DUMP tells the value's bytes, and differs with the form it is kept in. */
  const digestOf = async (client: RespClient, key: string): Promise<string> => {
    const type = await client.text('TYPE', key)
    const questions: Readonly<Record<string, readonly string[]>> = {
      string: ['GET', key],
      list: ['LRANGE', key, '0', '-1'],
      set: ['SMEMBERS', key],
      zset: ['ZRANGE', key, '0', '-1', 'WITHSCORES'],
      hash: ['HGETALL', key],
      stream: ['XRANGE', key, '-', '+'],
    }
    const reply = await client.send(...questions[type]!)
    const flat = Array.isArray(reply) && (type === 'set' || type === 'hash') ? reply.map(String).toSorted() : reply
    const groups =
      type === 'stream'
        ? JSON.stringify(await client.send('XPENDING', key, 'readers', '-', '+', '100')).replaceAll(
            /,\d+,(\d+)\]/g,
            ',$1]',
          )
        : ''
    return `${type} ${JSON.stringify(flat)} ${groups}`
  }

  let source: Awaited<ReturnType<typeof startNode>>
  let client: RespClient
  let file: Buffer
  let before: Map<string, string>

  beforeAll(async () => {
    if (skipped) return
    source = await startNode()
    client = await answering(source)
    await fill(client)
    file = await taken(source.target)
    before = await contents(client)
  })
  afterAll(async () => {
    client?.close()
    await engine.close()
    await lab.close()
  })

  it.skipIf(skipped)('comes as a file that the engine itself finds whole', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'hs-'))
    try {
      writeFileSync(join(directory, 'taken.rdb'), file)
      const check = binary.path.replace(/-server$/, '-check-rdb')
      expect(execFileSync(check, [join(directory, 'taken.rdb')], { encoding: 'utf8' })).toContain('RDB looks OK')
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
    const head = rdbFormat.head(file.subarray(0, rdbFormat.headBytes))
    expect(head).toMatchObject({ format: kind === 'redis' ? 10 : 11, engineVersion: program!.version })
    expect(head.usedMemoryBytes).toBeGreaterThan(500_000)
    expect(Math.abs(head.at!.getTime() - Date.now())).toBeLessThan(60_000)
  })

  it.skipIf(skipped)('leaves nothing on the disk of the node, and nobody connected', async () => {
    expect(execFileSync('ls', [source.place.directory], { encoding: 'utf8' })).not.toContain('.rdb')
    await eventually(
      () => client.text('INFO', 'replication'),
      info => info.includes('connected_slaves:0'),
    )
  })

  it.skipIf(skipped)('is read item by item, however the bytes are cut', async () => {
    const wanted = { keys: before.size, elsewhere: 0 }
    for (const size of [1000, 7919, 1 << 20]) expect(await rdbFormat.count(stream(file, size))).toMatchObject(wanted)
    await expect(rdbFormat.count(stream(file.subarray(0, -20)))).rejects.toBeInstanceOf(BadData)
    await expect(rdbFormat.count(stream(Buffer.from('not a file at all')))).rejects.toBeInstanceOf(BadData)
  })

  it.skipIf(skipped)(
    'goes into other files by slot, and every engine loads its part with every time to live',
    async () => {
      const targets = [
        { slots: [{ from: 0, to: 4000 }] },
        {
          slots: [
            { from: 4001, to: 9000 },
            { from: 16_000, to: 16_383 },
          ],
        },
        { slots: [{ from: 9001, to: 15_999 }] },
      ]
      const { files, counts } = await divided([file], targets)
      expect(counts.keys).toBe(before.size)
      const found = new Map<string, string>()
      for (const [index, part] of files.entries()) {
        const node = await startNode({}, part)
        const reader = await answering(node)
        const own = await contents(reader)
        for (const [key, fact] of own) {
          const slot = keySlot(key)
          expect(targets[index]!.slots.some(({ from, to }) => from <= slot && slot <= to)).toBe(true)
          found.set(key, fact)
        }
        expect(await reader.text('FUNCTION', 'LIST')).toContain('mine')
        reader.close()
        await node.child.kill()
      }
      expect(new Map([...found].toSorted())).toEqual(new Map([...before].toSorted()))
      const { files: together } = await divided(files, [{ slots: undefined }])
      const node = await startNode({}, together[0])
      const reader = await answering(node)
      expect(await contents(reader)).toEqual(before)
      reader.close()
    },
  )

  it.skipIf(skipped)('with several databases goes into one file as it is, and into slots not at all', async () => {
    const several = await startNode()
    const writer = await answering(several)
    await writer.send('SET', 'in', '0')
    await writer.send('SELECT', '300'.slice(0, 1))
    await writer.send('SET', 'in', '3')
    const both = await taken(several.target)
    const { files, counts } = await divided([both], [{ slots: undefined }])
    expect(counts).toMatchObject({ keys: 2, elsewhere: 1 })
    const node = await startNode({}, files[0])
    const reader = await answering(node)
    expect(await reader.text('GET', 'in')).toBe('0')
    await reader.send('SELECT', '3')
    expect(await reader.text('GET', 'in')).toBe('3')
    await expect(divided([both], [{ slots: [{ from: 0, to: 16_383 }] }])).rejects.toThrow(/database 3/)
    for (const one of [writer, reader]) one.close()
  })

  it.skipIf(skipped)('is not taken for whole when the node ends meanwhile, or refuses', async () => {
    const doomed = await startNode()
    const writer = await answering(doomed)
    await writer.send('SET', 'big', 'x'.repeat(8 << 20))
    for (let i = 0; i < 4; i++) await writer.send('COPY', 'big', `big${i}`)
    const reading = (async () => {
      let size = 0
      for await (const chunk of engine.dump(doomed.target)) {
        if (size === 0) await doomed.child.kill()
        size += chunk.length
      }
    })()
    await expect(reading).rejects.toBeInstanceOf(Unavailable)
    const wrong = { ...source.target, password: 'another' }
    await expect(taken(wrong)).rejects.toThrow(/refused the copy: WRONGPASS/)
    writer.close()
  })

  it('counts slots as the cluster specification does', () => {
    for (const key of ['a', '{tag}b', 'x{}y', '{{z}}', 'foo{bar}{zap}', '', '{', 'äöü'])
      expect(slotOfKey(Buffer.from(key))).toBe(keySlot(key))
  })
})
