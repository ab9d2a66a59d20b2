/** Parameters on their way to the engine: through the file it starts from, and live. */
import { expect } from 'vitest'
import type { Suite } from '../suite.ts'
import type { Bench } from './bench.ts'

export const quotingTitle = 'parameters: carries values with spaces, quotes and nothing at all to the engine and back'

export function parameters({ it }: Suite<Bench>): void {
  it('parameters: starts with the parameters it was given and shows their live values', async ({ start, observe }) => {
    const node = await start({
      directives: [
        { name: 'maxmemory-policy', value: 'volatile-lru' },
        { name: 'slowlog-log-slower-than', value: '5000' },
      ],
    })
    const asked = ['maxmemory', 'maxmemory-policy', 'slowlog-log-slower-than', 'no-such-directive']
    expect((await observe(node, asked)).directives).toEqual({
      maxmemory: String(64 * 1024 * 1024),
      'maxmemory-policy': 'volatile-lru',
      'slowlog-log-slower-than': '5000',
    })
  })

  it('parameters: shows how long peers may be silent, and changes it live', async ({ start, observe, perform }) => {
    const node = await start({ clusterMode: true })
    const timeout = async () => (await observe(node, ['cluster-node-timeout'])).directives['cluster-node-timeout']
    expect(await timeout()).toBe('1000')
    await perform(node, { do: 'configure', directives: [{ name: 'cluster-node-timeout', value: '15000' }] })
    expect(await timeout()).toBe('15000')
  })

  it('parameters: changes several parameters in one command, the last of a name winning', async ({
    start,
    observe,
    perform,
  }) => {
    const node = await start()
    await perform(node, {
      do: 'configure',
      directives: [
        { name: 'maxmemory-policy', value: 'allkeys-lru' },
        { name: 'lfu-decay-time', value: '7' },
        { name: 'maxmemory-policy', value: 'allkeys-lfu' },
      ],
    })
    await perform(node, { do: 'configure', directives: [] })
    expect((await observe(node, ['maxmemory-policy', 'lfu-decay-time'])).directives).toEqual({
      'maxmemory-policy': 'allkeys-lfu',
      'lfu-decay-time': '7',
    })
  })

  it(quotingTitle, async ({ start, observe, perform }) => {
    const limits = [
      { name: 'client-output-buffer-limit', value: 'normal 1048576 0 0' },
      { name: 'client-output-buffer-limit', value: 'pubsub 2097152 1048576 30' },
      { name: 'notify-keyspace-events', value: '' },
      { name: 'proc-title-template', value: 'a "quoted" \\ {title}' },
    ]
    const node = await start({ directives: limits })
    const names = ['client-output-buffer-limit', 'notify-keyspace-events', 'proc-title-template']
    const expected = {
      'client-output-buffer-limit': expect.stringMatching(/^normal 1048576 0 0 slave \d.* pubsub 2097152 1048576 30$/),
      'notify-keyspace-events': '',
      'proc-title-template': 'a "quoted" \\ {title}',
    }
    expect((await observe(node, names)).directives).toEqual(expected)
    await perform(node, { do: 'configure', directives: limits })
    expect((await observe(node, names)).directives).toEqual(expected)
  })
}
