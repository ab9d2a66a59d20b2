/**
 * What an authoritative DNS server says about one zone (RFC 1034 4.3.2, 2308, 8020). Pure but for the rotation of several
 * addresses, which spreads readers over replicas as ElastiCache's reader endpoint does.
 */
import type { Answer, Packet, Question, SoaAnswer } from 'dns-packet'
import { AUTHORITATIVE_ANSWER } from 'dns-packet'

export interface Zone {
  set(hostname: string, addresses: readonly string[]): void
  remove(hostname: string): void
  answer(query: Packet): Packet
}

export const rcodes = { noError: 0, formatError: 1, nameError: 3, notImplemented: 4, refused: 5 } as const

/** `ttlSeconds`: of addresses and of "there is no such name"; short, because endpoints move. */
export function createZone(name: string, ttlSeconds: number): Zone {
  const apex = name.toLowerCase()
  const hosts = hostTable()
  const apexAnswers = (question: Question): Answer[] => {
    if (asks(question, 'SOA')) return [soa(apex, ttlSeconds, hosts.serial())]
    return asks(question, 'NS') ? [{ type: 'NS', name: question.name, ttl: ttlSeconds, data: `ns.${apex}` }] : []
  }
  const hostAnswers = (question: Question, host: string): Answer[] => {
    if (!asks(question, 'A')) return []
    // The name as it was asked: some resolvers check that its letters' case comes back.
    return hosts.rotated(host).map(data => ({ type: 'A', name: question.name, ttl: ttlSeconds, data }))
  }
  const answer = (query: Packet): Packet => {
    const [question] = query.questions ?? []
    if (opcodeOf(query) !== 0) return reply(query, rcodes.notImplemented)
    if (!question || query.questions?.length !== 1) return reply(query, rcodes.formatError)
    const host = question.name.toLowerCase()
    const ours = host === apex || host.endsWith(`.${apex}`)
    if (!ours || (question.class !== 'IN' && question.class !== 'ANY')) return reply(query, rcodes.refused)
    const exists = host === apex || hosts.has(host)
    const answers = host === apex ? apexAnswers(question) : hostAnswers(question, host)
    return {
      ...reply(query, exists ? rcodes.noError : rcodes.nameError, AUTHORITATIVE_ANSWER),
      answers,
      authorities: answers.length === 0 ? [soa(apex, ttlSeconds, hosts.serial())] : [],
    }
  }
  return {
    set: (hostname, addresses) => hosts.set(hostname.toLowerCase(), addresses),
    remove: hostname => hosts.remove(hostname.toLowerCase()),
    answer,
  }
}

/** Names in lower case and their addresses, which take turns in being first. */
function hostTable() {
  const hosts = new Map<string, readonly string[]>()
  const turns = new Map<string, number>()
  let serial = 1
  return {
    serial: () => serial,
    set: (host: string, addresses: readonly string[]): void => {
      hosts.set(host, addresses)
      serial = (serial + 1) >>> 0
    },
    remove: (host: string): void => {
      hosts.delete(host)
      turns.delete(host)
      serial = (serial + 1) >>> 0
    },
    /** A name without records of its own still exists when there is one below it. */
    has: (host: string): boolean => hosts.has(host) || [...hosts.keys()].some(other => other.endsWith(`.${host}`)),
    rotated: (host: string): readonly string[] => {
      const addresses = hosts.get(host)
      if (!addresses) return []
      const turn = turns.get(host) ?? 0
      turns.set(host, (turn + 1) % Math.max(addresses.length, 1))
      return [...addresses.slice(turn), ...addresses.slice(0, turn)]
    },
  }
}

function soa(apex: string, ttlSeconds: number, serial: number): SoaAnswer {
  const names = { mname: `ns.${apex}`, rname: `hostmaster.${apex}` }
  const times = { refresh: 3600, retry: 600, expire: 86_400, minimum: ttlSeconds }
  return { type: 'SOA', name: apex, ttl: ttlSeconds, data: { ...names, serial, ...times } }
}

/** ANY is missing from the library's types, not from its answers. */
const asks = ({ type }: { readonly type: string }, wanted: string): boolean => type === wanted || type === 'ANY'

/** dns-packet writes the response code into the low bits of `flags`. */
export function reply(query: Packet, rcode: number, flags = 0): Packet {
  const wantsRecursion = (query.flags ?? 0) & 0x0100
  const opcode = (query.flags ?? 0) & 0x7800
  return {
    type: 'response',
    ...(query.id === undefined ? {} : { id: query.id }),
    flags: flags | wantsRecursion | opcode | rcode,
    questions: query.questions ?? [],
    answers: [],
    ...edns(query),
  }
}

/** RFC 6891: who speaks EDNS is answered in EDNS. */
function edns(query: Packet): Partial<Packet> {
  if (!query.additionals?.some(({ type }) => type === 'OPT')) return {}
  return {
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: 1232,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: 0,
        flag_do: false,
        options: [],
      },
    ],
  }
}

const opcodeOf = (query: Packet): number => ((query.flags ?? 0) >> 11) & 0xf
