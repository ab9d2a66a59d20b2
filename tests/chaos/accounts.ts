/**
 * Keeps the books of every acknowledged write and judges them. Each key has one writer, which writes 1, 2, 3, … and is told
 * with every acknowledgement what stood there before: a value below the last acknowledged one is a loss, seen at once
 * and counted in writes. With it comes who answered: a *tenure* is one node's time as primary, named by its replication
 * id, which the engine makes anew at every promotion and every start.
 */
export interface Acknowledged {
  readonly key: string
  readonly value: number
  /** What the key held before; 0 where it held nothing. */
  readonly before: number
  readonly shard: string
  readonly node: string
  readonly tenure: string
  /** Milliseconds of one clock: when the command was sent, and when its answer came. */
  readonly sentAt: number
  readonly answeredAt: number
}

export interface Loss {
  readonly key: string
  readonly shard: string
  readonly writes: number
  /** Every node that held the shard's data was taken at once: nothing in memory can survive that. */
  readonly wholeShard: boolean
  readonly at: number
}

interface Tenure {
  readonly name: string
  readonly node: string
  readonly firstAnsweredAt: number
}

interface KeyAccount {
  /** Values that were acknowledged and not seen to be lost, oldest first. */
  acknowledged: number[]
  attempted: number
  shard: string
}

export class Accounts {
  readonly losses: Loss[] = []
  /** Two primaries, or a value nobody wrote: never right, whatever was done to the group. */
  readonly breaches: string[] = []
  acknowledged = 0
  readonly #keys = new Map<string, KeyAccount>()
  readonly #tenures = new Map<string, Tenure[]>()
  /** Keys of a shard that was lost as a whole, until each was written again. */
  readonly #forgiven = new Map<string, number>()

  /** The next value of a key, noted before it is sent: its answer may never come. */
  attempt(key: string): number {
    const account = this.#account(key)
    account.attempted += 1
    return account.attempted
  }

  accept(write: Acknowledged): void {
    const account = this.#account(write.key)
    this.acknowledged += 1
    this.#judgeValue(account, write)
    this.#judgeTenure(write)
    account.acknowledged.push(write.value)
    account.shard = write.shard
  }

  /** From now on the shard's keys may be gone: all that held them was taken at once. */
  forgive(shard: string, at: number): void {
    for (const [key, account] of this.#keys) if (account.shard === shard) this.#forgiven.set(key, at)
  }

  lostWrites(wholeShard: boolean): number {
    return this.losses.filter(loss => loss.wholeShard === wholeShard).reduce((sum, loss) => sum + loss.writes, 0)
  }

  #account(key: string): KeyAccount {
    const known = this.#keys.get(key) ?? { acknowledged: [], attempted: 0, shard: '' }
    this.#keys.set(key, known)
    return known
  }

  #judgeValue(account: KeyAccount, { key, value, before, shard, sentAt, answeredAt }: Acknowledged): void {
    if (before >= value) this.breaches.push(`${key} held ${before} before ${value} was written for the first time`)
    let writes = 0
    for (; (account.acknowledged.at(-1) ?? 0) > before; writes++) account.acknowledged.pop()
    const forgivenAt = this.#forgiven.get(key)
    // What was answered before the end came proves nothing of what is left after it.
    if (writes > 0 || (forgivenAt !== undefined && sentAt > forgivenAt)) this.#forgiven.delete(key)
    if (writes === 0) return
    this.losses.push({ key, shard, writes, wholeShard: forgivenAt !== undefined, at: answeredAt })
  }

  /** Once a newer primary has acknowledged a write, an older one must never acknowledge one that was sent later. */
  #judgeTenure({ key, shard, node, tenure, sentAt, answeredAt }: Acknowledged): void {
    const line = this.#tenures.get(shard) ?? []
    this.#tenures.set(shard, line)
    const position = line.findIndex(known => known.name === tenure)
    if (position < 0) {
      line.push({ name: tenure, node, firstAnsweredAt: answeredAt })
      return
    }
    const newer = line.slice(position + 1).find(known => known.firstAnsweredAt < sentAt)
    if (!newer) return
    const late = (sentAt - newer.firstAnsweredAt).toFixed(0)
    this.breaches.push(
      `two primaries of shard ${shard}: ${node} acknowledged ${key} ${late} ms after ${newer.node} had taken over`,
    )
  }
}
