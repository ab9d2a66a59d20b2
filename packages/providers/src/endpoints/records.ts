/**
 * endpoints.json: the endpoints of a data directory, with their addresses and where they lead. One file, written whole;
 * the forwarder reads the same one. Addresses are written through to the disk (customers know them), targets are not:
 * control publishes them again.
 */
import { join } from 'node:path'
import type { Address, Arn, EndpointPlace, EndpointRequest, EndpointRole } from '@hotshelf/domain'
import { makeDirectory, readIfThere, writeWhole } from '../durable-file.ts'
import type { OnEffect } from '../effects.ts'
import type { EndpointAddress, Network } from '../network/network.ts'
import { takingTurns } from '../turns.ts'
import { endpointHostname, type NameService } from './names.ts'

export interface EndpointRecord {
  readonly group: Arn
  readonly groupName: string
  readonly role: EndpointRole
  readonly transitEncryption: EndpointRequest['transitEncryption']
  /** The shape of its host name, fixed by the encryption it was first claimed with: names never change. */
  readonly tlsName: boolean
  readonly at: EndpointAddress
  readonly targets: readonly Address[]
  /** IPv4 blocks that may connect. Absent in files of before there was such a thing: everybody, until control says whom. */
  readonly admits?: readonly string[]
}

export interface EndpointRecords {
  all(): readonly EndpointRecord[]
  of(group: Arn): readonly EndpointRecord[]
  /** The record of group and role: the one before, adapted to the request, or a new one with an address of its own. */
  claim(request: EndpointRequest): Promise<EndpointRecord>
  /** False when these were the targets already, or the endpoint was never claimed. */
  retarget(group: Arn, role: EndpointRole, targets: readonly Address[]): Promise<boolean>
  /** False when these were the sources of every endpoint of the group already. */
  admit(group: Arn, sources: readonly string[]): Promise<boolean>
  /** The records that went. Their addresses stay held until the caller frees them. */
  drop(group: Arn): Promise<readonly EndpointRecord[]>
}

export const endpointsFile = (dataDir: string) => join(dataDir, 'endpoints.json')

export async function openEndpointRecords(
  dataDir: string,
  network: Network,
  onEffect?: OnEffect,
): Promise<EndpointRecords> {
  await makeDirectory(dataDir)
  const turns = takingTurns()
  let records = await readEndpoints(dataDir)
  for (const { at } of records) network.holdEndpoint(at)

  /** Memory follows the disk: when the write fails, nothing has changed. */
  const change = async (next: readonly EndpointRecord[], durable: boolean): Promise<void> => {
    await writeWhole(endpointsFile(dataDir), `${JSON.stringify({ endpoints: next }, undefined, 2)}\n`, { durable })
    records = next
    onEffect?.('endpoints-written')
  }
  const replace = (record: EndpointRecord) => [...records.filter(other => !isSame(other, record)), record]

  const claim = async (request: EndpointRequest): Promise<EndpointRecord> => {
    const { group, groupName, role, transitEncryption } = request
    const known = records.find(record => isSame(record, request))
    if (known?.transitEncryption === transitEncryption) return known
    if (known) {
      const adapted = { ...known, transitEncryption }
      await change(replace(adapted), true)
      return adapted
    }
    const at = await network.takeEndpoint(request.port)
    const made = {
      group,
      groupName,
      role,
      transitEncryption,
      tlsName: transitEncryption !== 'off',
      at,
      targets: [],
      admits: [],
    }
    await change(replace(made), true).catch((error: unknown) => {
      network.freeEndpoint(at)
      throw error
    })
    return made
  }
  return {
    all: () => records,
    of: group => records.filter(record => record.group === group),
    claim: request => turns('file', () => claim(request)),
    retarget: (group, role, targets) =>
      turns('file', async () => {
        const known = records.find(record => isSame(record, { group, role }))
        const plain = targets.map(({ host, port }) => ({ host, port }))
        if (!known || JSON.stringify(known.targets) === JSON.stringify(plain)) return false
        await change(replace({ ...known, targets: plain }), false)
        return true
      }),
    admit: (group, sources) =>
      turns('file', async () => {
        const text = JSON.stringify(sources)
        const isStale = (record: EndpointRecord) => record.group === group && JSON.stringify(record.admits) !== text
        if (!records.some(isStale)) return false
        // Written through: a machine that loses its power must not come back more open than it was.
        await change(
          records.map(record => (isStale(record) ? { ...record, admits: [...sources] } : record)),
          true,
        )
        return true
      }),
    drop: group =>
      turns('file', async () => {
        const gone = records.filter(record => record.group === group)
        if (gone.length > 0)
          await change(
            records.filter(record => record.group !== group),
            true,
          )
        return gone
      }),
  }
}

export async function readEndpoints(dataDir: string): Promise<readonly EndpointRecord[]> {
  const text = await readIfThere(endpointsFile(dataDir))
  return text === undefined ? [] : (JSON.parse(text) as { readonly endpoints: readonly EndpointRecord[] }).endpoints
}

const isSame = (a: Pick<EndpointRecord, 'group' | 'role'>, b: Pick<EndpointRecord, 'group' | 'role'>): boolean =>
  a.group === b.group && a.role === b.role

export const endpointPlace = (record: EndpointRecord, names: NameService | undefined): EndpointPlace => ({
  role: record.role,
  address: record.at.address,
  port: record.at.port,
  hostname: names ? endpointHostname({ ...record, tls: record.tlsName }, names.zone) : record.at.address,
})
