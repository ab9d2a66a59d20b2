/**
 * Kysely's driver over a pg pool.
 * A connection is taken from the pool by the statement, not before it, so that a dead one can be replaced where
 * running the statement again is safe: a read, or anything PostgreSQL itself undid. Inside a transaction nothing is
 * replaced: its caller starts over.
 */
import { Bug, Unavailable } from '@hotshelf/domain'
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult, TransactionSettings } from 'kysely'
import type { Pool, PoolClient } from 'pg'
import { bindable } from './bindable.ts'
import { isConflict, isLost, postgresTrouble } from './postgres-errors.ts'

/** The repositories have some dozens of statements; beyond that a statement is parsed each time. */
const statementsKept = 300

export class PostgresDriver implements Driver {
  readonly #names = new Map<string, string>()

  constructor(
    private readonly pool: Pool,
    private readonly shown: string,
  ) {}

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return new PostgresConnection(this.pool, this.shown, this.#names)
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    ours(connection).release()
  }

  beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    return ours(connection).begin(settings.isolationLevel ?? 'read committed')
  }

  commitTransaction(connection: DatabaseConnection): Promise<void> {
    return ours(connection).commit()
  }

  rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    return ours(connection).rollback()
  }

  async destroy(): Promise<void> {
    if (!this.pool.ended) await this.pool.end()
  }
}

function ours(connection: DatabaseConnection): PostgresConnection {
  if (connection instanceof PostgresConnection) return connection
  throw new Bug('A connection of another driver reached this one.')
}

class PostgresConnection implements DatabaseConnection {
  /** Held while a transaction runs. */
  #client: PoolClient | undefined
  /** A connection that failed on its own is thrown away, not given back. */
  #failure: Error | undefined

  constructor(
    private readonly pool: Pool,
    private readonly shown: string,
    private readonly names: Map<string, string>,
  ) {}

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const values = query.parameters.map(bindable)
    const name = this.#nameOf(query.sql)
    const statement = { text: query.sql, values, ...(name === undefined ? {} : { name }) }
    const { rows, rowCount } = this.#client
      ? await this.#inTransaction(client => client.query(statement))
      : await this.#anywhere(client => client.query(statement), query.query.kind === 'SelectQueryNode')
    return { rows: rows as R[], numAffectedRows: BigInt(rowCount ?? 0) }
  }

  // eslint-disable-next-line require-yield
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Bug('The store reads whole results; nothing streams.')
  }

  async begin(isolation: string): Promise<void> {
    this.#client = await this.#anywhere(async (client, keep) => {
      await client.query(`begin isolation level ${isolation}`)
      keep()
      return client
    }, true)
  }

  /** PostgreSQL answers COMMIT of a transaction that failed with ROLLBACK: work that swallowed an error was undone. */
  async commit(): Promise<void> {
    const { command } = await this.#inTransaction(client => client.query('commit'))
    if (command !== 'COMMIT') throw new Bug('A transaction went on after one of its statements had failed.')
  }

  /** The reason for rolling back is the error worth telling, so this one never throws. */
  async rollback(): Promise<void> {
    await this.#inTransaction(client => client.query('rollback')).catch((error: unknown) => {
      this.#failure ??= error instanceof Error ? error : new Error(String(error))
    })
  }

  release(): void {
    this.#client?.release(this.#failure)
    this.#client = undefined
  }

  async #inTransaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    if (!this.#client) throw new Bug('A transaction has ended already.')
    try {
      return await work(this.#client)
    } catch (error) {
      if (isLost(error)) this.#failure = error as Error
      throw postgresTrouble(error, this.shown)
    }
  }

  /** `repeatable`: running twice does what running once does. */
  async #anywhere<T>(work: (client: PoolClient, keep: () => void) => Promise<T>, repeatable: boolean): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      const client = await this.#connect()
      let kept = false
      let failure: Error | undefined
      try {
        return await work(client, () => (kept = true))
      } catch (error) {
        if (isLost(error)) failure = error as Error
        // Each dead connection is thrown away, so this many tries have met a new one.
        const again = (isLost(error) && repeatable) || isConflict(error)
        if (!again || attempt > this.pool.options.max) throw postgresTrouble(error, this.shown)
      } finally {
        if (!kept) client.release(failure)
      }
    }
  }

  async #connect(): Promise<PoolClient> {
    if (this.pool.ending) throw new Unavailable(`The store at ${this.shown} is closed.`)
    try {
      return await this.pool.connect()
    } catch (error) {
      throw postgresTrouble(error, this.shown)
    }
  }

  #nameOf(text: string): string | undefined {
    const known = this.names.get(text)
    if (known !== undefined || this.names.size >= statementsKept) return known
    const name = `hotshelf_${this.names.size}`
    this.names.set(text, name)
    return name
  }
}
