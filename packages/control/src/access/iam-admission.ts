/**
 * Lets IAM users in: every few seconds each node that has such users is told the hashes of the tokens that are good now, and
 * of those that will be within the next minute, so that a client whose clock runs ahead is not refused. Beside the turns,
 * because nothing is ever changed by it that anybody asked for: a node that misses one telling hears the next.
 * Danger: while Hotshelf is down, tokens go on opening that should have run out, and new ones open nothing.
 */
import {
  type AccessKeyDesired,
  type AccessKeyRow,
  accessKeyScope,
  accessKeySecret,
  type Arn,
  type CacheEngine,
  type CacheUser,
  type Clock,
  type ControlTarget,
  elasticacheArn,
  judge,
  type NodeProvider,
  type ReplicationGroupRow,
  type Store,
} from '@hotshelf/domain'
import type { WorkerLog } from '../runtime/worker.ts'
import { tokenHashes, type TokenSigner, tokenSeconds } from './iam-tokens.ts'
import { loadUserAccess } from './load-users.ts'

export interface AdmissionOptions {
  readonly store: Store
  readonly provider: NodeProvider
  readonly engine: CacheEngine
  readonly clock: Clock
  readonly log: WorkerLog
}

export interface IamAdmission {
  start(): void
  /** One telling of every node; the timer's work. Ends within moments, whatever nodes do. */
  admitAll(): Promise<void>
  stop(): Promise<void>
}

const everyMs = 3000
const aheadSeconds = 60
/** A connection lives for twelve hours, as on AWS. */
const longestConnectionSeconds = 12 * 3600
/** Each is two thousand hashes for an engine to look through. */
const mostSigners = 4
/** So long others wait for a node. One that needs longer is told to the end, and not told again before. */
const patienceMs = 2000

interface Admission {
  readonly user: CacheUser
  readonly hashes: readonly string[]
}
type HashesBySecond = ReadonlyMap<number, readonly string[]>

export function iamAdmission(options: AdmissionOptions): IamAdmission {
  const { store, log } = options
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  /** By cache, user and key, as of the last round: what no round asks for any more is forgotten with it. */
  let known: ReadonlyMap<string, HashesBySecond> = new Map()
  const beingTold = new Set<string>()

  /** Of every second that counts; what was worked out before is not again. */
  function hashesFor(
    row: ReplicationGroupRow,
    userId: string,
    signer: TokenSigner,
    kept: Map<string, HashesBySecond>,
  ): readonly string[] {
    const purpose = { cache: row.name, userId, region: row.region }
    const key = JSON.stringify([row.arn, userId, signer.accessKeyId])
    const before = known.get(key)
    const now = Math.floor(options.clock.now().getTime() / 1000)
    const seconds = new Map<number, readonly string[]>()
    for (let second = now - tokenSeconds; second <= now + aheadSeconds; second++)
      seconds.set(second, before?.get(second) ?? tokenHashes(purpose, signer, second))
    kept.set(key, seconds)
    return [...seconds.values()].flat()
  }

  async function admit(row: ReplicationGroupRow, kept: Map<string, HashesBySecond>): Promise<void> {
    const { access } = await loadUserAccess(row, store)
    const users = access.mode === 'users' ? access.users.filter(user => user.byToken) : []
    const password = users.length > 0 ? await store.secrets.get(row.arn, 'control') : undefined
    if (password === undefined) return
    const admissions: Admission[] = []
    for (const user of users) {
      const signers = await signersFor(row, user.id, store)
      if (signers.length > mostSigners)
        log.warn(
          `${row.arn}: ${signers.length} access keys may connect as ${user.id}; only the first ${mostSigners} can`,
        )
      const chosen = signers.slice(0, mostSigners)
      admissions.push({ user, hashes: chosen.flatMap(signer => hashesFor(row, user.id, signer, kept)) })
    }
    const nodes = (await options.provider.observe(row.arn)).filter(node => node.running && !node.frozen)
    await Promise.all(nodes.map(({ place }) => atMost(patienceMs, tell({ place, password }, admissions))))
  }

  /** Never rejects: one node's trouble is not another's. */
  async function tell(node: ControlTarget, admissions: readonly Admission[]): Promise<void> {
    const { controlSocket } = node.place
    if (beingTold.has(controlSocket)) return
    beingTold.add(controlSocket)
    try {
      for (const { user, hashes } of admissions)
        await options.engine.perform(node, {
          do: 'set-passwords',
          name: user.name,
          hashes,
          longestConnectionSeconds,
        })
    } catch (error) {
      log.warn(`${node.place.node}: IAM users cannot be admitted: ${String(error)}`)
    } finally {
      beingTold.delete(controlSocket)
    }
  }

  async function admitAll(): Promise<void> {
    const rows = (await store.replicationGroups.listEverywhere()).filter(
      row => row.desired.userGroupIds.length > 0 && row.deleteRequestedAt === undefined,
    )
    const kept = new Map<string, HashesBySecond>()
    for (const row of rows)
      await admit(row, kept).catch((error: unknown) =>
        log.warn(`${row.arn}: IAM users cannot be admitted: ${String(error)}`),
      )
    known = kept
  }

  return {
    start() {
      timer = setInterval(() => {
        running ??= admitAll()
          .catch((error: unknown) => log.warn(`IAM users: ${String(error)}`))
          .finally(() => (running = undefined))
      }, everyMs)
    },
    admitAll,
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}

async function atMost(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const enough = new Promise<void>(resolve => (timer = setTimeout(resolve, ms)))
  await Promise.race([work, enough])
  clearTimeout(timer)
}

const secrets = new WeakMap<AccessKeyRow, string>()

/** Keys that may connect to this cache as this user: both ARNs must be allowed. */
async function signersFor(row: ReplicationGroupRow, userId: string, store: Store): Promise<readonly TokenSigner[]> {
  const keys = await store.repository<AccessKeyDesired>('access-key').list(accessKeyScope(row.account))
  const resources: readonly Arn[] = [row.arn, elasticacheArn(row, 'user', userId)]
  const allowed = keys.filter(
    ({ desired: { policy } }) =>
      !policy || resources.every(resource => judge(policy, { action: 'elasticache:Connect', resource }) === 'allowed'),
  )
  return Promise.all(
    allowed.map(async key => {
      const secretAccessKey = secrets.get(key) ?? (await store.secrets.get(key.arn, accessKeySecret)) ?? ''
      secrets.set(key, secretAccessKey)
      return { accessKeyId: key.name, secretAccessKey }
    }),
  )
}
