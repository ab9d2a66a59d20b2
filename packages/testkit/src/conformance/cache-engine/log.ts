/** The append-only log: what of its data a node has again after its process ended at once. */
import { durabilityDirectives, type EngineView } from '@hotshelf/domain'
import { expect } from 'vitest'
import type { Suite } from '../suite.ts'
import { addressOf, type Bench, read, write } from './bench.ts'

const logged = durabilityDirectives('sync')
const isOn = (view: EngineView): boolean => view.log === 'on'

export function log({ it }: Suite<Bench>): void {
  it('log: without one a node comes back empty', async ({ start, restart, observe }) => {
    const node = await start()
    expect((await observe(node)).log ?? 'off').toBe('off')
    await write(node, 'key')
    await node.node.kill()
    expect(await read(await restart(node), 'key')).toBe('null')
  })

  it('log: from the start, a node comes back with every write that was acknowledged', async ({
    start,
    restart,
    sees,
  }) => {
    const node = await start({ directives: logged })
    await sees(node, 'its log', isOn)
    await write(node, 'key')
    for (let life = 0; life < 2; life++) {
      await node.node.kill()
      const again = await restart(node)
      await sees(again, 'its log', isOn)
      expect(await read(again, 'key')).toBe('value')
      await write(again, `key of life ${life}`)
    }
    await node.node.kill()
    expect(await read(await restart(node), 'key of life 1')).toBe('value')
  })

  it('log: begun while it runs, it counts once it is on, also for what was written before', async ({
    start,
    restart,
    perform,
    sees,
  }) => {
    const node = await start()
    await write(node, 'before')
    await perform(node, { do: 'configure', directives: logged })
    await write(node, 'meanwhile')
    await sees(node, 'its log', isOn)
    await write(node, 'after')
    await node.node.kill()
    const again = await restart(node, { directives: logged })
    for (const key of ['before', 'meanwhile', 'after']) expect(await read(again, key)).toBe('value')
  })

  it('log: once it is no longer kept it is an old one, and would bring back what it held then', async ({
    start,
    restart,
    perform,
    sees,
  }) => {
    const node = await start({ directives: logged })
    await write(node, 'key', 'old')
    await perform(node, { do: 'configure', directives: durabilityDirectives('disabled') })
    await sees(node, 'no log', view => view.log === 'off')
    await write(node, 'key', 'new')
    await node.node.kill()
    expect(await read(await restart(node), 'key')).toBe('old')
  })

  it('log: of a replica holds its own data again after a whole copy', async ({
    start,
    restart,
    observe,
    perform,
    sees,
  }) => {
    const [primary, replica] = [await start(), await start({ directives: logged })]
    await write(replica, 'own')
    await write(primary, 'copied')
    await perform(replica, { do: 'follow', ...addressOf(primary) })
    await sees(replica, 'a link', view => view.following?.linkUp)
    await sees(replica, 'its log', isOn)
    await write(primary, 'streamed')
    const { offset } = await observe(primary)
    await sees(replica, 'all of it', view => view.offset >= offset)
    await replica.node.kill()
    const again = await restart(replica)
    expect(await read(again, 'own')).toBe('null')
    for (const key of ['copied', 'streamed']) expect(await read(again, key)).toBe('value')
  })
}
