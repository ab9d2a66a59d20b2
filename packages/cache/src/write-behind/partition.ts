// One worker at one partition of the log: claims it, reads a batch, writes it, acknowledges. A partition has one worker
// at a time, kept by a lease, and its consumer has one name, so what a dead worker had read but not acknowledged is the
// first thing its successor reads: order per key holds through every crash.
import { number, optionalText, pairs, text, bytes, list } from '../client/reply.ts'
import type { Reply } from '../client/port.ts'
import type { Connection } from '../connection/connection.ts'
import { EngineError } from '../errors.ts'
import { ACK, BURY, CLAIM, YIELD } from './scripts.ts'

export const GROUP = 'writers'
const CONSUMER = 'writer'

export interface LogEntry {
  /** Grows with every write; the same number of the same key never carries another value. */
  readonly id: string
  readonly key: string
  readonly payload: Buffer
}

export interface PartitionNames {
  readonly stream: string
  readonly lease: string
  readonly fence: string
  readonly dead: string
}

export class Partition {
  readonly #connection: Connection
  readonly #names: PartitionNames
  readonly #token: string
  #groupMade = false

  constructor(connection: Connection, names: PartitionNames, token: string) {
    this.#connection = connection
    this.#names = names
    this.#token = token
  }

  /** The fencing number while the partition is ours, else undefined. */
  async claim(leaseMs: number): Promise<number | undefined> {
    const { lease, fence } = this.#names
    const answer = await this.#connection.run(CLAIM, {
      keys: [lease, fence],
      args: [this.#token, String(leaseMs)],
      idempotent: true,
    })
    const number_ = number(answer)
    return number_ === 0 ? undefined : number_
  }

  async giveUp(): Promise<void> {
    await this.#connection.run(YIELD, { keys: [this.#names.lease], args: [this.#token], idempotent: true })
  }

  /** What was read but never acknowledged, oldest first, then what is new. */
  async read(count: number): Promise<readonly LogEntry[]> {
    await this.#makeGroup()
    const unacknowledged = await this.#readFrom('0', count)
    return unacknowledged.length > 0 ? unacknowledged : this.#readFrom('>', count)
  }

  async #readFrom(from: '0' | '>', count: number): Promise<readonly LogEntry[]> {
    const { stream } = this.#names
    const args = ['XREADGROUP', 'GROUP', GROUP, CONSUMER, 'COUNT', String(count), 'STREAMS', stream, from]
    const reply = await this.#connection.send({ args, key: stream })
    return entriesOf(pairs(reply)[0]?.[1])
  }

  async #makeGroup(): Promise<void> {
    if (this.#groupMade) return
    const { stream } = this.#names
    try {
      await this.#connection.send({ args: ['XGROUP', 'CREATE', stream, GROUP, '0', 'MKSTREAM'], key: stream })
    } catch (error) {
      if (!(error instanceof EngineError && error.code === 'BUSYGROUP')) throw error
    }
    this.#groupMade = true
  }

  /** False when the partition is no longer ours, and nothing was acknowledged. */
  async acknowledge(entries: readonly LogEntry[]): Promise<boolean> {
    const { stream, lease } = this.#names
    const args = [this.#token, GROUP, ...entries.map(entry => entry.id)]
    return number(await this.#connection.run(ACK, { keys: [stream, lease], args, idempotent: true })) !== -1
  }

  async bury(entry: LogEntry, reason: string): Promise<boolean> {
    const { stream, lease, dead } = this.#names
    const args = [this.#token, GROUP, entry.id, entry.key, entry.payload, reason]
    return number(await this.#connection.run(BURY, { keys: [stream, lease, dead], args })) !== -1
  }

  /** The group goes with a flush; the next read makes it anew. */
  forgetGroup(): void {
    this.#groupMade = false
  }
}

function entriesOf(reply: Reply | undefined): readonly LogEntry[] {
  return list(reply).flatMap(item => {
    const [id, fields] = list(item)
    // An entry deleted while pending is listed without fields.
    if (fields === null || fields === undefined) return []
    const byName = new Map(pairs(fields).map(([name, value]) => [text(name), value]))
    return [
      { id: text(id), key: optionalText(byName.get('k')) ?? '', payload: bytes(byName.get('v')) ?? Buffer.alloc(0) },
    ]
  })
}
