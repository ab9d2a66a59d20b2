/** Starting nodes, and finding them again. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Suite } from '../suite.ts'
import type { NodeMachine } from '../node-provider.ts'
import { accepting, ended, look, orders, request, running } from './nodes.ts'

export function starting({ it }: Suite<NodeMachine>): void {
  it('starts a node and shows what it launched', async machine => {
    const provider = await machine.open()
    const place = await provider.place(request(1))
    const launch = { ...machine.launch(place, 'first'), labels: { rebootGeneration: '4' } }
    const before = Date.now()
    await provider.start(launch)
    await accepting(machine, place)
    const observed = await look(provider, place)
    expect(observed).toMatchObject({ place, running: true, frozen: false, exit: undefined })
    expect(observed.pid).toBeGreaterThan(0)
    expect(observed.launched).toMatchObject({ digest: 'first', labels: { rebootGeneration: '4' } })
    expect(observed.launched?.at.getTime()).toBeGreaterThanOrEqual(before)
  })

  it("writes the launch's files into the node's directory, readable by nobody else", async machine => {
    const provider = await machine.open()
    const place = await provider.place(request(1))
    const launch = machine.launch(place, 'first')
    const secret = { name: 'users.acl', content: 'user default on >secret\n' }
    await provider.start({ ...launch, files: [...launch.files, secret] })
    const file = join(place.directory, 'users.acl')
    expect(await readFile(file, 'utf8')).toBe(secret.content)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
  })

  it('changes a file that the engine keeps, and makes none of it', async machine => {
    const provider = await machine.open()
    const place = await provider.place(request(1))
    const launch = machine.launch(place, 'first')
    await provider.start({ ...launch, files: [...launch.files, { name: 'kept', content: 'a 1 x\nb 2 x\n' }] })
    const edits = ['kept', 'missing'].map(name => ({ name, find: String.raw`^(b) \d`, replace: '$1 0' }))
    await provider.start({ ...machine.launch(place, 'second'), edits })
    expect(await readFile(join(place.directory, 'kept'), 'utf8')).toBe('a 1 x\nb 0 x\n')
    await expect(readFile(join(place.directory, 'missing'))).rejects.toThrow('ENOENT')
  })

  it('leaves a node alone that runs with the same digest already', async machine => {
    const provider = await machine.open()
    const place = await running(machine, provider)
    const { pid } = await look(provider, place)
    await provider.start(machine.launch(place, 'first'))
    expect((await look(provider, place)).pid).toBe(pid)
  })

  it('starts a node once, also when it is asked twice at the same time', async machine => {
    const provider = await machine.open()
    const place = await provider.place(request(1))
    await Promise.all([provider.start(machine.launch(place, 'first')), provider.start(machine.launch(place, 'first'))])
    await accepting(machine, place)
    const { pid } = await look(provider, place)
    await provider.start(machine.launch(place, 'first'))
    expect(await look(provider, place)).toMatchObject({ running: true, pid })
  })

  it('replaces a node that runs with another digest', async machine => {
    const provider = await machine.open()
    const place = await running(machine, provider)
    const { pid } = await look(provider, place)
    await provider.start(machine.launch(place, 'second'))
    await accepting(machine, place)
    const observed = await look(provider, place)
    expect(observed).toMatchObject({ running: true, place, launched: { digest: 'second' } })
    expect(observed.pid).not.toBe(pid)
  })

  it('starts a stopped node again where it was', async machine => {
    const provider = await machine.open()
    const place = await running(machine, provider)
    await provider.stop(place, 'now')
    await provider.start(machine.launch(place, 'first'))
    await accepting(machine, place)
    expect(await look(provider, place)).toMatchObject({ running: true, place, exit: undefined })
  })

  it('says which program is missing', async machine => {
    const provider = await machine.open()
    const place = await provider.place(request(1))
    await provider.start({ ...machine.launch(place, 'first'), program: '/nowhere/valkey-server' })
    const observed = await ended(provider, place)
    expect(observed.exit).toContain('/nowhere/valkey-server does not exist')
    expect(observed.launched?.digest).toBe('first')
    expect((await look(await machine.open(), place)).exit).toContain('/nowhere/valkey-server does not exist')
  })

  it('finds running nodes again after a restart, and starts none of them twice', async machine => {
    const provider = await machine.open()
    const place = await running(machine, provider)
    const before = await look(provider, place)
    const returned = await machine.open()
    expect(await look(returned, place)).toEqual(before)
    await returned.start(machine.launch(place, 'first'))
    expect(await look(returned, place)).toEqual(before)
    expect(await machine.accepts(place)).toBe(true)
  })

  it('starts and removes forty nodes together and leaves nothing', async machine => {
    const provider = await machine.open()
    const numbers = Array.from({ length: 40 }, (_, number) => number)
    const given = await Promise.all(numbers.map(number => provider.place(request(number))))
    await Promise.all(given.map(place => provider.start(machine.launch(place, 'first'))))
    await Promise.all(given.map(place => accepting(machine, place)))
    expect((await provider.observe(orders)).filter(node => node.running)).toHaveLength(40)
    expect(await machine.leftovers()).not.toEqual([])
    await Promise.all(given.map(place => provider.remove(place)))
    expect(await provider.everything()).toEqual([])
    expect(await machine.leftovers()).toEqual([])
  })
}
