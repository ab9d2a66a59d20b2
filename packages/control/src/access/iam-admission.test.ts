import {
  accessKeySecret,
  type Arn,
  type CacheEngine,
  type NodeProvider,
  type Store,
  Unavailable,
} from '@hotshelf/domain'
import { describe, expect, it } from 'vitest'
import { aRow } from '../../tests/model-world.ts'
import { iamAdmission } from './iam-admission.ts'
import { tokenHashes } from './iam-tokens.ts'

const start = Date.parse('2026-01-02T03:04:05.600Z')
const shape = { shards: 1, replicas: 1, automaticFailover: true }
const common = { account: '000000000000', region: 'us-east-1', deleteRequestedAt: undefined, generation: 1 }

/** One cache with an IAM user, two nodes, and a clock; `told` is what each node was told last. */
function aWorld() {
  const plain = aRow(shape)
  const row = { ...plain, desired: { ...plain.desired, userGroupIds: ['people'] } }
  const rows = new Map([[row.arn, row]])
  const keys = [{ ...common, arn: 'arn:key:one' as Arn, name: 'AKIAONE', desired: { user: 'one', policy: undefined } }]
  const user = { id: 'app', name: 'app', accessString: 'on ~* +@all', authentication: 'iam' }
  const lists: Readonly<Record<string, readonly object[]>> = {
    'access-key': keys,
    user: [{ ...common, arn: 'arn:user:app' as Arn, name: 'app', desired: user }],
  }
  const group = { ...common, desired: { id: 'people', userIds: ['app'] } }
  const time = { ms: start }
  const told = new Map<string, readonly string[]>()
  const answer = new Map<string, () => Promise<void>>()
  const warnings: string[] = []
  const nodes = ['g-001', 'g-002'].map(node => ({ place: { node, controlSocket: node }, running: true, frozen: false }))
  const admission = iamAdmission({
    store: {
      replicationGroups: { listEverywhere: async () => [...rows.values()] },
      repository: (kind: string) => ({ list: async () => lists[kind], find: async () => group }),
      secrets: { get: async (_: Arn, name: string) => `secret of ${name}` },
    } as unknown as Store,
    provider: { observe: async () => nodes } as unknown as NodeProvider,
    engine: {
      perform: async ({ place }: { place: { node: string } }, { hashes }: { hashes: readonly string[] }) => {
        await answer.get(place.node)?.()
        told.set(place.node, hashes)
      },
    } as unknown as CacheEngine,
    clock: { now: () => new Date(time.ms) },
    log: { warn: (text: string) => warnings.push(text) } as never,
  })
  /** Whether the first node lets somebody in whose token was signed so many seconds from now. */
  const admits = (seconds: number, accessKeyId = 'AKIAONE') => {
    const signer = { accessKeyId, secretAccessKey: `secret of ${secretName}` }
    const purpose = { cache: 'g', userId: 'app', region: 'us-east-1' }
    return tokenHashes(purpose, signer, Math.floor(time.ms / 1000) + seconds).every(hash =>
      told.get('g-001')?.includes(hash),
    )
  }
  return { admission, admits, answer, keys, rows, time, told, warnings }
}

const secretName = accessKeySecret

describe('IAM users are admitted', () => {
  it('by tokens signed in the last 900 seconds or the next 60, and by no others', async () => {
    const { admission, admits, time } = aWorld()
    await admission.admitAll()
    expect([-901, -900, 0, 60, 61].map(second => admits(second))).toEqual([false, true, true, true, false])
    time.ms += 100_000
    expect([-901, -900, 0].map(second => admits(second))).toEqual([true, true, false])
    await admission.admitAll()
    expect([-901, -900, 0, 60, 61].map(second => admits(second))).toEqual([false, true, true, true, false])
  })

  it('by at most four keys, and no more by one that is revoked', async () => {
    const { admission, admits, keys, warnings } = aWorld()
    const [first] = keys
    for (const name of ['AKIA2', 'AKIA3', 'AKIA4', 'AKIA5']) keys.push({ ...first!, name, arn: `arn:${name}` as Arn })
    await admission.admitAll()
    expect(keys.map(({ name }) => admits(0, name))).toEqual([true, true, true, true, false])
    expect(warnings).toEqual([expect.stringContaining('5 access keys may connect as app')])
    keys.splice(0, 1)
    await admission.admitAll()
    expect(['AKIAONE', 'AKIA2', 'AKIA5'].map(name => admits(0, name))).toEqual([false, true, true])
  })

  it('on a node that answers, whatever another does, which is not told twice at once', async () => {
    const { admission, answer, told, warnings } = aWorld()
    let asked = 0
    let letGo = () => {}
    answer.set('g-001', () => {
      asked++
      return new Promise(resolve => (letGo = resolve))
    })
    await admission.admitAll()
    await admission.admitAll()
    expect([...told.keys()]).toEqual(['g-002'])
    expect(asked).toBe(1)
    answer.delete('g-001')
    letGo()
    await admission.admitAll()
    answer.set('g-001', async () => {
      throw new Unavailable('there is no user app yet')
    })
    told.clear()
    await admission.admitAll()
    expect([...told.keys()]).toEqual(['g-002'])
    expect(warnings).toEqual([expect.stringContaining('there is no user app yet')])
    await admission.stop()
  })
})
