// Places by name, and what is near. Distances are metres; the sphere's, up to 0.5 % off. Latitudes beyond 85.05° have no
// place in the index and are refused by the server.
import { list, number, text } from '../client/reply.ts'
import type { Reply } from '../client/port.ts'
import type { Connection } from '../connection/connection.ts'
import { InvalidOption } from '../errors.ts'

export interface Position {
  readonly longitude: number
  readonly latitude: number
}

export interface Near {
  readonly name: string
  readonly distance: number
  readonly position: Position
}

export interface SearchOptions {
  /** A position, or the name of a place in the index. */
  readonly from: Position | string
  /** Metres around it, or the sides of a box. */
  readonly within: number | { readonly width: number; readonly height: number }
  /** The nearest so many. Default all. */
  readonly count?: number
}

export class Places {
  readonly #connection: Connection
  readonly #key: string

  constructor(connection: Connection, { name }: { readonly name: string }) {
    this.#connection = connection
    this.#key = `geo:${name}`
  }

  async add(places: Readonly<Record<string, Position>>): Promise<void> {
    const args = Object.entries(places).flatMap(([name, { longitude, latitude }]) => [
      String(longitude),
      String(latitude),
      name,
    ])
    if (args.length > 0) await this.#write('GEOADD', ...args)
  }

  async remove(...names: string[]): Promise<number> {
    return number(await this.#write('ZREM', ...names))
  }

  async position(name: string): Promise<Position | undefined> {
    const [found] = list(await this.#read('GEOPOS', name))
    return found === null || found === undefined ? undefined : positionOf(found)
  }

  /** Metres between two places; undefined when one of them is not there. */
  async distance(from: string, to: string): Promise<number | undefined> {
    const reply = await this.#read('GEODIST', from, to, 'm')
    return reply === null ? undefined : number(reply)
  }

  /** Nearest first. */
  async near({ from, within, count }: SearchOptions): Promise<readonly Near[]> {
    const origin =
      typeof from === 'string' ? ['FROMMEMBER', from] : ['FROMLONLAT', String(from.longitude), String(from.latitude)]
    const area =
      typeof within === 'number'
        ? ['BYRADIUS', String(within), 'm']
        : ['BYBOX', String(within.width), String(within.height), 'm']
    if (count !== undefined && !(count >= 1)) throw new InvalidOption(`count: ${count}`)
    const limit = count === undefined ? [] : ['COUNT', String(count)]
    const reply = await this.#read('GEOSEARCH', ...origin, ...area, 'ASC', ...limit, 'WITHCOORD', 'WITHDIST')
    return list(reply).map(item => {
      const [name, distance, position] = list(item)
      return { name: text(name), distance: number(distance), position: positionOf(position) }
    })
  }

  #read(command: string, ...args: string[]): Promise<Reply> {
    return this.#connection.send({ args: [command, this.#key, ...args], key: this.#key, readonly: true })
  }

  #write(command: string, ...args: string[]): Promise<Reply> {
    return this.#connection.send({ args: [command, this.#key, ...args], key: this.#key, idempotent: true })
  }
}

function positionOf(reply: Reply | undefined): Position {
  const [longitude, latitude] = list(reply)
  return { longitude: number(longitude), latitude: number(latitude) }
}
