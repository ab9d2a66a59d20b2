import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Arn, NodeId } from '@hotshelf/domain'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeNodeDirectory, nodeDirectory, nodesDirectory, type PlaceRecord, readNodes } from './directories.ts'

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'hs-directories-'))
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

const place: PlaceRecord = {
  group: 'arn:aws:elasticache:us-east-1:000000000000:cluster:many' as Arn,
  node: '0001' as NodeId,
  groupName: 'many',
  availabilityZone: 'us-east-1a',
  transitEncryption: 'off',
  clusterMode: false,
  tlsName: false,
  at: { address: '127.94.3.18', port: 11211, tlsPort: 11212, busPort: 21211 },
  controlSocket: '/run/many',
}

test('clears away what removals left that were cut off before, during and after the last node of a group', async () => {
  const kept = nodeDirectory(dataDir, place, 'many')
  await makeNodeDirectory(kept, place)
  const nodes = nodesDirectory(dataDir)
  await mkdir(join(nodes, '000000000000', 'us-east-1', 'half-removed', '0001'), { recursive: true })
  await mkdir(join(nodes, '000000000000', 'us-east-1', 'emptied'))
  await mkdir(join(nodes, '000000000000', 'eu-west-1'))
  await mkdir(join(nodes, '111111111111'))

  expect(await readNodes(dataDir)).toMatchObject([{ directory: kept, place }])

  expect(await readdir(nodes)).toEqual(['000000000000'])
  expect(await readdir(join(nodes, '000000000000'))).toEqual(['us-east-1'])
  expect(await readdir(join(nodes, '000000000000', 'us-east-1'))).toEqual(['many'])
})
