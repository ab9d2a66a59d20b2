/** What ElastiCache keeps from its customers, as they see it. */
import { expect } from 'vitest'
import type { Suite } from '../suite.ts'
import { type Bench, controlPassword } from './bench.ts'

const titles = {
  unknown: 'restricted commands do not exist for customers, in the engine’s own words',
  denied: 'restricted commands are refused where they must exist for the engines themselves',
  hidden: 'restricted commands cannot be found under another name',
  allowed: 'restricted commands leave the rest alone',
} as const

/** For adapters whose customers know only a handful of commands. */
export const restrictedCommandTitles: readonly string[] = Object.values(titles)

export function restrictedCommands({ it }: Suite<Bench>): void {
  const unknown = [
    'BGREWRITEAOF',
    'BGSAVE',
    'DEBUG',
    'MIGRATE',
    'REPLICAOF',
    'SAVE',
    'SLAVEOF',
    'SHUTDOWN',
    'FAILOVER',
    'MODULE',
  ]
  const denied = [
    ['SYNC'],
    ['PSYNC', '?', '-1'],
    ...['SETUSER x', 'DELUSER x', 'LIST', 'GETUSER default', 'USERS', 'LOG', 'LOAD', 'SAVE', 'DRYRUN default PING'].map(
      rest => ['ACL', ...rest.split(' ')],
    ),
    ...[
      'MEET 127.0.0.1 6379',
      'FORGET x',
      'ADDSLOTS 1',
      'ADDSLOTSRANGE 1 2',
      'DELSLOTS 1',
      'DELSLOTSRANGE 1 2',
      'SETSLOT 1 STABLE',
      'REPLICATE x',
      'FAILOVER',
      'RESET',
      'SAVECONFIG',
      'SET-CONFIG-EPOCH 1',
      'BUMPEPOCH',
      'FLUSHSLOTS',
    ].map(rest => ['CLUSTER', ...rest.split(' ')]),
  ]
  const allowed = [
    ['CLIENT', 'LIST'],
    ['INFO'],
    ['SLOWLOG', 'GET'],
    ['ACL', 'WHOAMI'],
    ['ACL', 'CAT'],
    ['ACL', 'GENPASS'],
    ['COMMAND', 'COUNT'],
    ['MEMORY', 'USAGE', 'key'],
    ...[
      'INFO',
      'NODES',
      'SLOTS',
      'SHARDS',
      'KEYSLOT key',
      'COUNTKEYSINSLOT 1',
      'GETKEYSINSLOT 1 1',
      'MYID',
      'LINKS',
    ].map(rest => ['CLUSTER', ...rest.split(' ')]),
  ]

  it(titles.unknown, async ({ start }) => {
    const customer = await (await start({ clusterMode: true })).node.customer()
    const answer = await customer.text('CONFIG', 'GET', 'maxmemory')
    expect(answer).toMatch(/^ERR unknown command 'CONFIG', with args beginning with: 'GET' 'maxmemory' ?$/)
    for (const command of unknown) expect(await customer.text(command)).toMatch(`ERR unknown command '${command}'`)
  })

  it(titles.denied, async ({ start }) => {
    const customer = await (await start({ clusterMode: true })).node.customer()
    for (const command of denied) expect(await customer.text(...command)).toMatch(/^NOPERM /)
  })

  it(titles.hidden, async ({ start }) => {
    const customer = await (await start()).node.customer()
    const names = await customer.text('COMMAND', 'LIST')
    expect(names).not.toMatch(/\w+-[0-9a-f]{16}/)
    expect(await customer.text('CLIENT', 'LIST')).not.toContain(controlPassword)
  })

  it(titles.allowed, async ({ start }) => {
    const customer = await (await start({ clusterMode: true })).node.customer()
    for (const command of allowed) expect(await customer.text(...command)).not.toMatch(/^(NOPERM|ERR)/)
  })
}
