/**
 * Kysely's driver over libsql's synchronous connection.
 * One connection, one user of it at a time; statements are prepared once and hold no snapshot between two runs.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Bug, Unavailable } from '@hotshelf/domain'
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely'
import type LibsqlDatabase from 'libsql'
import { bindable } from './bindable.ts'
import { isBusy, sqliteTrouble } from './sqlite-errors.ts'
import { Turnstile } from './turnstile.ts'

type Statement = ReturnType<LibsqlDatabase.Database['prepare']>

/** How long a call waits for another process, or for another transaction of this one. */
const patienceMs = 10_000
/** The repositories have some dozens of statements; only lists of varying length make new ones. */
const statementsKept = 300

export class SqliteDriver implements Driver {
  readonly #turnstile: Turnstile
  readonly #connection: SqliteConnection
  #closed = false

  constructor(
    private readonly database: LibsqlDatabase.Database,
    private readonly path: string,
  ) {
    this.#turnstile = new Turnstile(path, patienceMs)
    this.#connection = new SqliteConnection(database, path)
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#closed) throw this.#closedError()
    await this.#turnstile.enter()
    if (this.database.open) return this.#connection
    this.#turnstile.leave()
    throw this.#closedError()
  }

  async releaseConnection(): Promise<void> {
    this.#turnstile.leave()
  }

  #closedError(): Unavailable {
    return new Unavailable(`The store at ${this.path} is closed.`)
  }

  /** Immediate: a transaction that read first and wrote later could otherwise fail halfway against another process. */
  beginTransaction(): Promise<void> {
    return this.#connection.begin()
  }

  commitTransaction(): Promise<void> {
    return this.#connection.end('commit')
  }

  /** A full disk may have rolled back by itself already. */
  async rollbackTransaction(): Promise<void> {
    if (this.database.inTransaction) await this.#connection.end('rollback')
    else this.#connection.forgetTransaction()
  }

  /** After what runs now. Whoever comes later, or waits behind this, is told that the store is closed. */
  async destroy(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#turnstile.enter()
    this.#connection.close()
    this.#turnstile.leave()
  }
}

class SqliteConnection implements DatabaseConnection {
  readonly #statements = new Map<string, Statement>()
  /** A transaction was begun here and has not been ended from here. */
  #transaction = false

  constructor(
    private readonly database: LibsqlDatabase.Database,
    private readonly path: string,
  ) {}

  async begin(): Promise<void> {
    await this.#patiently(() => this.database.exec('begin immediate'))
    this.#transaction = true
  }

  async end(how: 'commit' | 'rollback'): Promise<void> {
    await this.#patiently(() => {
      this.#refuseUndone()
      this.database.exec(how)
    })
    this.#transaction = false
  }

  forgetTransaction(): void {
    this.#transaction = false
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return this.#patiently(() => this.#run<R>(query))
  }

  // eslint-disable-next-line require-yield
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Bug('The store reads whole results; nothing streams.')
  }

  /** Leaves one file: the write-ahead log is folded into it. */
  close(): void {
    this.#statements.clear()
    try {
      this.database.exec('pragma wal_checkpoint(truncate)')
    } catch {
      // Another process reads from the log, or the disk is full: the next open folds it.
    }
    this.database.close()
  }

  /** SQLite ends a transaction by itself when its disk is full; what follows must not be kept on its own. */
  #refuseUndone(): void {
    if (this.#transaction && !this.database.inTransaction) {
      throw new Unavailable(`A transaction on ${this.path} was undone when one of its statements failed.`)
    }
  }

  #run<R>(query: CompiledQuery): QueryResult<R> {
    this.#refuseUndone()
    const statement = this.#prepared(query.sql)
    const parameters = query.parameters.map(bindable)
    if (statement.reader) return { rows: statement.all(parameters) as R[] }
    return { rows: [], numAffectedRows: BigInt(statement.run(parameters).changes) }
  }

  #prepared(sql: string): Statement {
    const known = this.#statements.get(sql)
    if (known) return known
    const statement = this.database.prepare(sql)
    if (this.#statements.size >= statementsKept) {
      for (const oldest of this.#statements.keys()) {
        this.#statements.delete(oldest)
        break
      }
    }
    this.#statements.set(sql, statement)
    return statement
  }

  /** Waits for another process without stopping this one's event loop, which also watches over the nodes. */
  async #patiently<T>(work: () => T): Promise<T> {
    const deadline = Date.now() + patienceMs
    for (;;) {
      try {
        return work()
      } catch (error) {
        if (!isBusy(error) || this.database.inTransaction || Date.now() > deadline) {
          throw error instanceof Bug || error instanceof Unavailable ? error : sqliteTrouble(error, this.path)
        }
        await sleep(5 + Math.random() * 20)
      }
    }
  }
}
