/** Access strings against real engines: what is taken here they take, in what words they refuse, and what no string opens. */
import { createHash } from 'node:crypto'
import {
  type CacheUser,
  type InstalledEngine,
  requireAccessString,
  restrictedSubcommands,
  splitRules,
} from '@hotshelf/domain'
import { engineProcesses, installedProgram, RespClient } from '@hotshelf/testkit'
import { createClient } from '@redis/client'
import { describe, expect, it } from 'vitest'
import { controlUser } from './acl.ts'
import { redisFamilyEngine } from './engine.ts'
import { commandName, renamedCommands } from './restricted-commands.ts'

const password = 'the-password-1234'
const user = (name: string, accessString: string): CacheUser => ({
  id: name,
  name,
  rules: splitRules(accessString),
  passwords: [createHash('sha256').update(password).digest('hex')],
})

const taken = [
  'on ~app:* +get +mget +hget +hgetall -@write',
  'on ~app::* -@all +@read +@hash +@bitmap +@geo -setbit -bitfield -hset -hsetnx -hmset -hincrby -hincrbyfloat -hdel -bitop -geoadd -georadius -georadiusbymember',
  'ON allkeys allchannels ALLCOMMANDS',
  'on %R~read:* %W~write:* %RW~both:* resetchannels &news:* +@pubsub',
  'on ~a:* +get (~b:* +set) (%R~c:* +@read -hgetall)',
  'on ~* +client|list -client|kill +select|0 +@json +json.get +ft.search',
  'on ~* +@all -@dangerous sanitize-payload clearselectors',
  'on ~* +script|show +client|setinfo +hexpire +commandlog|get',
  'on ~"quoted\\pattern* ~ü* +get ()',
]

/** Each is one rule that an engine refuses. */
const refused = [
  '+nosuch',
  '+@nosuch',
  '+client|nosuch',
  '-select|0',
  '+client|list|x',
  'everything',
  '%X~a',
  '(on)',
  '+',
  '+@',
  '(+nosuch)',
  '(~* ~a)',
  'x y',
]

async function withNode(binary: InstalledEngine, users: readonly CacheUser[], body: (node: Node) => Promise<void>) {
  const processes = engineProcesses()
  const engine = redisFamilyEngine()
  try {
    const place = processes.place()
    const setup = {
      binary,
      place,
      clusterMode: true,
      transitEncryption: 'off',
      directives: [],
      maxmemoryBytes: 64 * 1024 * 1024,
      controlPassword: 'control password',
      access: { mode: 'users', users },
      follow: undefined,
      clusterNodeTimeoutMs: 1_000,
    } as const
    await processes.start(place, binary.path, engine.render(setup))
    const target = { place, password: setup.controlPassword }
    await expect
      .poll(() => engine.observe(target, []).then(view => view.role, String), { timeout: 30_000 })
      .toBe('primary')
    const control = createClient({
      socket: { path: place.controlSocket, tls: false },
      username: controlUser,
      password: setup.controlPassword,
    })
    control.on('error', () => {})
    await control.connect()
    await body({
      login: async name => {
        const client = await RespClient.connect({ host: place.address, port: place.port })
        expect(await client.text('AUTH', name, password)).toBe('OK')
        return client
      },
      control: (...command) =>
        control.sendCommand(command).then(
          reply => JSON.stringify(reply),
          error => (error as Error).message,
        ),
      set: given => engine.perform(target, { do: 'set-access', access: { mode: 'users', users: given } }),
    })
    control.destroy()
  } finally {
    await engine.close()
    await processes.close()
  }
}

interface Node {
  login(name: string): Promise<RespClient>
  control(...command: readonly string[]): Promise<string>
  set(users: readonly CacheUser[]): Promise<void>
}

for (const kind of ['valkey', 'redis'] as const) {
  const program = installedProgram(`${kind}-server`)
  describe.skipIf(program === undefined)(`access strings on ${kind} (needs ${kind}-server)`, () => {
    const binary = { kind, version: program?.version ?? '', path: program?.path ?? '' }

    it('that are taken here are taken by the engine, in its configuration and live', async () => {
      const users = taken.map((text, i) => {
        requireAccessString(text)
        return user(`user-${i}`, text)
      })
      await withNode(binary, users, async ({ login, set, control }) => {
        for (const { name } of users) await login(name)
        await set(users)
        for (const { name } of users) await login(name)
        // Nothing of a rule is lost on the way: pattern and selector stand in the engine as they were written.
        expect(await control('ACL', 'GETUSER', 'user-8')).toContain(JSON.stringify('~"quoted\\pattern* ~ü*'))
        expect(await control('ACL', 'GETUSER', 'user-4')).toContain('~b:*')
        await set([])
        expect(await control('ACL', 'USERS')).toBe(JSON.stringify([controlUser, 'default']))
      })
    })

    it('that are refused here are refused by the engine in the same words', async () => {
      await withNode(binary, [], async ({ control }) => {
        for (const rule of refused) {
          const answer = await control('ACL', 'SETUSER', 'probe', ...splitRules(rule))
          expect(() => requireAccessString(rule)).toThrow(answer.replace(/^ERR /, 'Invalid Access String. '))
        }
      })
    })

    it('open no restricted command, not even by a selector', async () => {
      const users = [user('all', 'on ~* &* +@all'), user('selector', 'on (~* &* +@all) (~a +@admin)')]
      await withNode(binary, users, async ({ login }) => {
        for (const { name } of users) {
          const client = await login(name)
          expect(await client.text('PING')).toBe('PONG')
          for (const command of renamedCommands.filter(each => each !== 'debug')) {
            expect(await client.text(command, 'a', 'b')).toMatch(/^ERR unknown command/)
            expect(await client.text(commandName(command, 'control password'), 'a', 'b', 'c', '0', '1')).toMatch(
              /^(NOPERM|ERR (wrong number|unknown subcommand))/,
            )
          }
          expect(await client.text(commandName('config', 'control password'), 'GET', 'bind')).toMatch(/^NOPERM /)
          for (const [command, names] of Object.entries(restrictedSubcommands))
            for (const sub of names)
              expect(await client.text(command, sub, 'x', 'y', 'z')).toMatch(/^(NOPERM|ERR wrong number)/)
          expect(await client.text('ACL', 'SETUSER', 'mine', 'on')).toMatch(/^NOPERM /)
          expect(await client.text('CLUSTER', 'RESET')).toMatch(/^NOPERM /)
        }
      })
    })
  })
}
