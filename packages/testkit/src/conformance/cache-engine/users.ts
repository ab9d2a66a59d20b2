/** Users with names, passwords and permissions: what each may do, from the start and live, and who is cut when it changes. */
import { createHash } from 'node:crypto'
import { type CacheUser, splitRules } from '@hotshelf/domain'
import { expect } from 'vitest'
import type { Suite } from '../suite.ts'
import { addressOf, type Bench, type Running } from './bench.ts'

const hashOf = (password: string): string => createHash('sha256').update(password).digest('hex')

function user(name: string, accessString: string, passwords: readonly string[] | undefined, id = name): CacheUser {
  return { id, name, rules: splitRules(accessString), passwords: passwords?.map(hashOf) }
}

const [readerPassword, writerPassword] = ['reader "password" #1', 'writer-password-1']
const reader = user('reader', 'on ~app:* +get +ping', [readerPassword])
const writer = user('writer', 'on ~* +@all', [writerPassword, 'writer-password-2'])
const open = user('default', 'on ~* +@all', undefined)
const closed = user('default', 'off ~* +@all', undefined, 'closed-default')

const users = (...given: readonly CacheUser[]) => ({ mode: 'users', users: given }) as const

async function login({ node }: Running, name: string, password: string) {
  const customer = await node.customer()
  return { customer, answer: await customer.text('AUTH', name, password) }
}

const set = (...given: readonly CacheUser[]) => ({ do: 'set-access', access: users(...given) }) as const

export function usersSuite({ it }: Suite<Bench>): void {
  it('users: may do what their rules say from the start, and nothing else', async ({ start }) => {
    const node = await start({ access: users(open, reader, writer) })
    const { customer, answer } = await login(node, 'reader', readerPassword)
    expect(answer).toBe('OK')
    expect(await customer.text('GET', 'app:1')).toBe('null')
    expect(await customer.text('GET', 'other')).toMatch(/^NOPERM /)
    expect(await customer.text('SET', 'app:1', 'x')).toMatch(/^NOPERM /)
    expect(await customer.text('DBSIZE')).toMatch(/^NOPERM /)
    for (const password of [writerPassword, 'writer-password-2']) {
      const { customer: other, answer: welcome } = await login(node, 'writer', password)
      expect(welcome).toBe('OK')
      expect(await other.text('SET', 'app:1', 'x')).toBe('OK')
    }
    expect((await login(node, 'writer', readerPassword)).answer).toMatch(/^WRONGPASS /)
    expect((await login(node, 'nobody', readerPassword)).answer).toMatch(/^WRONGPASS /)
    expect(await (await node.node.customer()).text('PING')).toBe('PONG')
  })

  it('users: without a default user, or with one who is off, nobody is let in without a name', async ({ start }) => {
    for (const access of [users(reader), users(reader, closed)]) {
      const node = await start({ access })
      expect(await (await node.node.customer()).text('PING')).toMatch(/^NOAUTH /)
      expect((await login(node, 'default', 'anything')).answer).toMatch(/^WRONGPASS /)
      expect((await login(node, 'reader', readerPassword)).answer).toBe('OK')
    }
  })

  it('users: a permission that is taken is gone at once, and the connection stays', async ({ start, perform }) => {
    const node = await start({ access: users(open, writer) })
    const { customer } = await login(node, 'writer', writerPassword)
    expect(await customer.text('SET', 'key', 'value')).toBe('OK')
    await perform(node, set(open, user('writer', 'on ~* +@all -@write', [writerPassword])))
    expect(await customer.text('SET', 'key', 'other')).toMatch(/^NOPERM /)
    expect(await customer.text('GET', 'key')).toBe('value')
    await perform(node, set(open, user('writer', 'on ~elsewhere:* +@all', [writerPassword])))
    expect(await customer.text('GET', 'key')).toMatch(/^NOPERM /)
    await perform(node, set(open, writer))
    expect(await customer.text('SET', 'key', 'again')).toBe('OK')
    expect(customer.closed).toBe(false)
  })

  it('users: a password that is changed disconnects nobody, and the old one opens nothing', async ({
    start,
    perform,
  }) => {
    const node = await start({ access: users(open, reader) })
    const { customer } = await login(node, 'reader', readerPassword)
    await perform(node, set(open, user('reader', 'on ~app:* +get +ping', ['another-password'])))
    expect(await customer.text('PING')).toBe('PONG')
    expect((await login(node, 'reader', readerPassword)).answer).toMatch(/^WRONGPASS /)
    expect((await login(node, 'reader', 'another-password')).answer).toBe('OK')
  })

  it('users: who leaves, is switched off, or loses his name to another, is cut; others are not', async ({
    start,
    perform,
    until,
  }) => {
    const node = await start({ access: users(open, reader, writer) })
    const connect = async (name: string, password: string) => (await login(node, name, password)).customer
    const gone = (customer: { readonly closed: boolean }) => until('the connection is cut', async () => customer.closed)
    const [first, other] = [await connect('reader', readerPassword), await connect('writer', writerPassword)]
    const nameless = await node.node.customer()
    expect(await nameless.text('PING')).toBe('PONG')

    await perform(node, set(open, writer))
    await gone(first)
    expect(await other.text('PING')).toBe('PONG')
    expect(await nameless.text('PING')).toBe('PONG')

    const namesake = user('writer', 'on ~* +@all', [writerPassword], 'another-writer')
    await perform(node, { ...set(open, namesake), takenOver: ['writer'] })
    await gone(other)
    expect(await nameless.text('PING')).toBe('PONG')

    const again = await connect('writer', writerPassword)
    await perform(node, set(closed, user('writer', 'off ~* +@all', [writerPassword])))
    await Promise.all([gone(again), gone(nameless)])
    expect((await login(node, 'writer', writerPassword)).answer).toMatch(/^WRONGPASS /)
  })

  it('users: come and go with access by everybody, and by tokens', async ({ start, perform }) => {
    const node = await start()
    await perform(node, set(closed, reader))
    expect(await (await node.node.customer()).text('PING')).toMatch(/^NOAUTH /)
    await perform(node, { do: 'set-access', access: { mode: 'tokens', tokens: ['token-of-16-chars'] } })
    expect((await login(node, 'reader', readerPassword)).answer).toMatch(/^WRONGPASS /)
    expect(await (await node.node.customer()).text('AUTH', 'token-of-16-chars')).toBe('OK')
    await perform(node, { do: 'set-access', access: { mode: 'open' } })
    expect(await (await node.node.customer()).text('PING')).toBe('PONG')
  })

  it('users: replicas follow whoever may log in, and a node that restarts knows its users', async ({
    start,
    restart,
    perform,
    sees,
  }) => {
    const access = users(reader, writer)
    const [primary, replica] = [await start({ access }), await start({ access })]
    await perform(replica, { do: 'follow', ...addressOf(primary) })
    await sees(replica, 'a link', view => view.following?.linkUp)
    await replica.node.kill()
    await restart(replica, { access: users(writer), follow: addressOf(primary) })
    await sees(replica, 'a link', view => view.following?.linkUp)
    expect((await login(replica, 'reader', readerPassword)).answer).toMatch(/^WRONGPASS /)
    expect((await login(replica, 'writer', writerPassword)).answer).toBe('OK')
  })

  it('users: who log in by tokens have exactly those that they were given last, through changes of their rules', async ({
    start,
    perform,
    until,
  }) => {
    const byToken = (accessString: string, id = 'app'): CacheUser => ({
      ...user('app', accessString, [], id),
      byToken: true,
    })
    const node = await start({ access: users(open, byToken('on ~* +@all')) })
    const tokens = (...given: readonly string[]) =>
      ({ do: 'set-passwords', name: 'app', hashes: given.map(hashOf), longestConnectionSeconds: 3600 }) as const
    expect((await login(node, 'app', '')).answer).toMatch(/^WRONGPASS /)
    await perform(node, tokens(...Array.from({ length: 500 }, (_, i) => `token-${i}`)))
    const { customer, answer } = await login(node, 'app', 'token-499')
    expect(answer).toBe('OK')
    await perform(node, tokens('token-499', 'token-500'))
    expect((await login(node, 'app', 'token-498')).answer).toMatch(/^WRONGPASS /)
    expect((await login(node, 'app', 'token-500')).answer).toBe('OK')
    await perform(node, set(open, byToken('on ~* +@read')))
    expect(await customer.text('SET', 'key', 'value')).toMatch(/^NOPERM /)
    expect((await login(node, 'app', 'token-500')).answer).toBe('OK')
    await perform(node, { ...tokens('token-500'), longestConnectionSeconds: 0 })
    await until('who is connected for too long is cut', async () => customer.closed)
    await perform(node, { ...set(open, byToken('on ~* +@read', 'another')), takenOver: ['app'] })
    expect((await login(node, 'app', 'token-500')).answer).toMatch(/^WRONGPASS /)
    await perform(node, set(open))
    await expect(perform(node, tokens('token-500'))).rejects.toThrow(/no user app/)
  })
}
