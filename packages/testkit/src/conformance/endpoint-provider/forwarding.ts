/** Connections through a forwarder: where they go, and what becomes of them when the target moves. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Address, EndpointPlace, EndpointProvider, EndpointRequest } from '@hotshelf/domain'
import { expect } from 'vitest'
import { eventually } from '../../hotshelf.ts'
import type { EndpointMachine } from '../endpoint-provider.ts'
import type { Suite } from '../suite.ts'
import { orders, request } from './addresses.ts'

const titles = {
  admits: 'lets in whom it was told, nobody before, and whoever is connected stays',
  refuses: 'refuses connections while an endpoint has no target',
  sends: 'sends new connections to the new target as soon as it is published, and cuts those to the old one',
  keeps: 'keeps connections to a target that stays',
  takesTurns: 'lets several targets take turns, and passes over one that refuses',
  outlives: 'goes on forwarding while the controller is away, and follows it when it comes back',
  halfClose: 'passes on the end of one direction while the other goes on',
  patience: 'waits for a slow reader and loses nothing',
} as const

export const forwardingTitles: readonly string[] = Object.values(titles)

export function forwarding({ it }: Suite<EndpointMachine>): void {
  const withTargets = (title: string, body: (machine: EndpointMachine, start: StartTarget) => Promise<void>) =>
    it(title, async machine => {
      const started: Target[] = []
      try {
        await body(machine, async (name, answer) => {
          const target = await startTarget(name, answer)
          started.push(target)
          return target
        })
      } finally {
        for (const target of started) target.close()
      }
    })

  withTargets(titles.admits, async (machine, start) => {
    const provider = await machine.open()
    const place = await provider.claim(request())
    await provider.publish(orders, 'primary', [await start('one')])
    await expect(nameBehind(place)).rejects.toThrow('ECONNRESET')
    await provider.admit(orders, ['10.0.0.0/8', '127.0.0.1/32'])
    const kept = await open(place)
    await provider.admit(orders, ['10.0.0.0/8'])
    await expect(nameBehind(place)).rejects.toThrow('ECONNRESET')
    const returned = await machine.open()
    expect((await returned.observe(orders))[0]?.admits).toEqual(['10.0.0.0/8'])
    await expect(nameBehind(place)).rejects.toThrow('ECONNRESET')
    kept.write('still here\n')
    const [echo] = (await once(kept, 'data')) as [Buffer]
    expect(echo.toString()).toBe('still here\n')
    kept.destroy()
  })

  withTargets(titles.refuses, async (machine, start) => {
    const provider = await machine.open()
    const place = await claimed(provider, request())
    await expect(nameBehind(place)).rejects.toThrow('ECONNREFUSED')
    await provider.publish(orders, 'primary', [await start('one')])
    expect(await nameBehind(place)).toBe('one')
    await provider.publish(orders, 'primary', [])
    await expect(nameBehind(place)).rejects.toThrow('ECONNREFUSED')
  })

  withTargets(titles.sends, async (machine, start) => {
    const [one, two] = [await start('one'), await start('two')]
    const provider = await machine.open()
    const place = await claimed(provider, request())
    await provider.publish(orders, 'primary', [one])
    const old = await open(place)
    await provider.publish(orders, 'primary', [two])
    expect(await nameBehind(place)).toBe('two')
    await closed(old)
    expect((await provider.observe(orders))[0]?.targets).toEqual([{ host: two.host, port: two.port }])
  })

  withTargets(titles.keeps, async (machine, start) => {
    const [one, two] = [await start('one'), await start('two')]
    const provider = await machine.open()
    const place = await claimed(provider, request({ role: 'reader' }))
    await provider.publish(orders, 'reader', [one])
    const kept = await open(place)
    await provider.publish(orders, 'reader', [one, two])
    kept.write('still here\n')
    const [echo] = (await once(kept, 'data')) as [Buffer]
    expect(echo.toString()).toBe('still here\n')
    kept.destroy()
  })

  withTargets(titles.takesTurns, async (machine, start) => {
    const [one, two, dead] = [await start('one'), await start('two'), await start('dead')]
    const provider = await machine.open()
    const place = await claimed(provider, request({ role: 'reader' }))
    await provider.publish(orders, 'reader', [one, two])
    const names = [await nameBehind(place), await nameBehind(place), await nameBehind(place), await nameBehind(place)]
    expect(names.sort()).toEqual(['one', 'one', 'two', 'two'])
    dead.close()
    await provider.publish(orders, 'reader', [dead, one])
    for (let connection = 0; connection < 4; connection++) expect(await nameBehind(place)).toBe('one')
  })

  withTargets(titles.outlives, async (machine, start) => {
    const [one, two] = [await start('one'), await start('two')]
    const provider = await machine.open()
    const place = await claimed(provider, request())
    await provider.publish(orders, 'primary', [one])
    const kept = await open(place)
    const returned = await machine.open()
    expect((await returned.observe(orders))[0]?.targets).toEqual([{ host: one.host, port: one.port }])
    kept.write('still here\n')
    const [echo] = (await once(kept, 'data')) as [Buffer]
    expect(echo.toString()).toBe('still here\n')
    await returned.publish(orders, 'primary', [two])
    expect(await nameBehind(place)).toBe('two')
    await closed(kept)
  })

  withTargets(titles.halfClose, async (machine, start) => {
    const afterEnd = await start('', async socket => {
      const heard: Buffer[] = []
      socket.on('data', chunk => heard.push(chunk))
      await once(socket, 'end')
      socket.end(`heard: ${Buffer.concat(heard).toString()}`)
    })
    const provider = await machine.open()
    const place = await claimed(provider, request())
    await provider.publish(orders, 'primary', [afterEnd])
    const client = connect({ host: place.address, port: place.port, allowHalfOpen: true })
    client.end('all there is')
    expect(await text(client)).toBe('heard: all there is')
  })

  withTargets(titles.patience, async (machine, start) => {
    const size = 64 << 20
    let written = 0
    const much = await start('', async socket => {
      const block = Buffer.alloc(1 << 20, 'x')
      for (; written < size; written += block.length) {
        if (!socket.write(block)) await once(socket, 'drain')
      }
      socket.end()
    })
    const provider = await machine.open()
    const place = await claimed(provider, request())
    await provider.publish(orders, 'primary', [much])
    const client = connect({ host: place.address, port: place.port })
    await once(client, 'readable')
    // Nothing is read: what was written settles far below the whole once every buffer on the way is full.
    let before = -1
    await eventually(
      async () => {
        const settled = written === before
        before = written
        await new Promise(resolve => setTimeout(resolve, 200))
        return settled
      },
      settled => settled,
    )
    expect(written).toBeLessThan(size)
    let received = 0
    for await (const chunk of client) received += (chunk as Buffer).length
    expect(received).toBe(size)
  })
}

/** An endpoint that lets everybody in. */
async function claimed(provider: EndpointProvider, asked: EndpointRequest): Promise<EndpointPlace> {
  const place = await provider.claim(asked)
  await provider.admit(asked.group, ['0.0.0.0/0'])
  return place
}

interface Target extends Address {
  close(): void
}

type Converse = (socket: Socket) => Promise<void>
type StartTarget = (name: string, converse?: Converse) => Promise<Target>

/** Says its name to whoever connects, and then whatever it hears. */
async function startTarget(name: string, converse?: Converse): Promise<Target> {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, socket => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    if (converse) {
      void converse(socket).catch(() => socket.destroy())
      return
    }
    socket.write(name)
    socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = (): void => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return { host: '127.0.0.1', port, close }
}

/** A connection whose target has said its name. */
async function open(place: { readonly address: string; readonly port: number }): Promise<Socket> {
  const socket = connect({ host: place.address, port: place.port })
  socket.on('error', () => {})
  await once(socket, 'data')
  return socket
}

async function nameBehind(place: { readonly address: string; readonly port: number }): Promise<string> {
  const socket = connect({ host: place.address, port: place.port })
  try {
    const [name] = (await once(socket, 'data')) as [Buffer]
    return name.toString()
  } finally {
    socket.destroy()
  }
}

const closed = async (socket: Socket): Promise<void> => {
  if (!socket.destroyed) await once(socket, 'close')
}
