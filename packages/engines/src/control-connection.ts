/**
 * One long-lived connection from control to one node, over the node's unix socket.
 * Invariants: every exchange ends within its deadline, also against a frozen process, which node-redis' own timeouts do not
 * bound; after a deadline or a broken socket nothing is ever read from that socket again, so a late answer can never be
 * taken for the next command's. It connects when somebody asks and never by itself: a dead node costs nothing.
 */
import { Bug, Unavailable } from '@hotshelf/domain'
import { ErrorReply, RedisClient } from '@redis/client'

export type Command = readonly [name: string, ...parameters: readonly string[]]

/** An engine that answers "no" has answered: a refusal is a reply, not an exception. */
export interface Refusal {
  readonly refused: string
}

export type Reply = string | number | null | readonly Reply[] | Refusal

export interface ControlConnectionOptions<Greeting> {
  readonly socket: string
  /** Sent in one write as soon as the socket is open; logging in comes first among them. */
  readonly greet: readonly Command[]
  /** What to remember of the answers. When it throws, the connection was not made. */
  readonly readGreeting: (replies: readonly Reply[]) => Greeting
  /** Called once when an established connection closes although nobody here closed it. */
  readonly onLost: () => void
}

type Client = ReturnType<typeof newClient>

/** One socket's life: from connecting to its end. A connection has at most one at a time. */
interface Session<Greeting> {
  readonly client: Client
  readonly greeting: Promise<Greeting>
  established: boolean
  /** Closed by us, or known to be gone: no further event of its client counts. */
  over: boolean
}

export class ControlConnection<Greeting> {
  readonly #options: ControlConnectionOptions<Greeting>
  #session: Session<Greeting> | undefined

  constructor(options: ControlConnectionOptions<Greeting>) {
    this.#options = options
  }

  /** All commands in one write, replies in their order. Throws Unavailable when the last reply is not there in time. */
  async send(commands: readonly Command[], deadlineMs: number): Promise<readonly Reply[]> {
    return this.#within(deadlineMs, async session => {
      await session.greeting
      return exchange(session.client, commands)
    })
  }

  /** What the node answered when this connection was made. Connects when there is none. */
  async greeting(deadlineMs: number): Promise<Greeting> {
    return this.#within(deadlineMs, session => session.greeting)
  }

  close(): void {
    if (this.#session) this.#end(this.#session)
  }

  async #within<T>(deadlineMs: number, talk: (session: Session<Greeting>) => Promise<T>): Promise<T> {
    const session = (this.#session ??= this.#open())
    let timer: NodeJS.Timeout | undefined
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Unavailable(`no answer within ${deadlineMs} ms`)), deadlineMs)
    })
    try {
      return await Promise.race([talk(session), deadline])
    } catch (error) {
      this.#end(session)
      throw asUnavailable(error)
    } finally {
      clearTimeout(timer)
    }
  }

  #open(): Session<Greeting> {
    const { socket, greet, readGreeting, onLost } = this.#options
    const client = newClient(socket)
    const greeting = client.connect().then(async () => {
      const answer = readGreeting(await exchange(client, greet))
      session.established = true
      return answer
    })
    const session: Session<Greeting> = { client, greeting, established: false, over: false }
    // Whoever waits for the greeting learns of its failure; nobody may be waiting any more.
    greeting.catch(() => {})
    // An error event without a listener would end our process; every command in flight is rejected besides.
    client.on('error', () => {})
    client.on('terminated', () => {
      const lost = session.established && !session.over
      this.#end(session)
      if (lost) onLost()
    })
    return session
  }

  #end(session: Session<Greeting>): void {
    if (this.#session === session) this.#session = undefined
    if (session.over) return
    session.over = true
    session.client.destroy()
  }
}

/**
 * One class for every connection. `createClient` makes a class with all commands anew for each different set of options
 * (100 ms and some megabytes a node): ninety nodes would cost ten seconds.
 */
const protocol = { RESP: 2 } as const
const connect = RedisClient.factory(protocol)

/** Version 2 of the protocol has all the types that are needed here, and no handshake of its own. */
const newClient = (path: string) =>
  connect({
    ...protocol,
    socket: { path, reconnectStrategy: false },
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    // Our own deadline bounds the whole exchange; a timer per command would only cost.
    commandOptions: { timeout: 0 },
  })

/** node-redis gathers what is sent in one turn of the event loop into one write. */
async function exchange(client: Client, commands: readonly Command[]): Promise<readonly Reply[]> {
  return Promise.all(
    commands.map(async command => {
      try {
        return await client.sendCommand<Reply>(command)
      } catch (error) {
        if (error instanceof ErrorReply) return { refused: error.message }
        throw error
      }
    }),
  )
}

function asUnavailable(error: unknown): Unavailable | Bug {
  if (error instanceof Unavailable || error instanceof Bug) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new Unavailable(`no connection: ${reason}`, undefined, { cause: error })
}

export const isRefusal = (reply: Reply): reply is Refusal =>
  typeof reply === 'object' && reply !== null && 'refused' in reply
