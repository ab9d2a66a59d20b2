import { ListTagsForResourceCommand, ElastiCacheClient, AddTagsToResourceCommand } from '@aws-sdk/client-elasticache'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exampleWire, models } from '../../test/example-wire.ts'
import { listen, type Listening } from '../listen.ts'
import { escapeXml, writeXmlBody } from './xml.ts'

describe('text', () => {
  it.each([
    ['<a href="x">&\'', "&lt;a href=&quot;x&quot;&gt;&amp;'"],
    ['line\r\nend\t.', 'line&#xD;&#xA;end\t.'],
    ['a\u0000b\u000bc\u001bd\uffffe', 'a\uFFFDb\uFFFDc\uFFFDd\uFFFDe'],
    ['half \ud83d a pair \ude00, a whole one 😀', 'half \uFFFD a pair \uFFFD, a whole one 😀'],
    [']]>', ']]&gt;'],
  ])('is escaped: %j', (text, written) => {
    expect(escapeXml(text)).toBe(written)
  })
})

describe('through the SDK’s own parser', () => {
  // Not among them: blanks alone with a line end in between, which the SDK's parser drops however they are written.
  const EDGES = [
    '',
    ' ',
    ' lead',
    'trail ',
    'a\nb',
    'a\r\nb',
    '\r',
    '\t',
    '00123',
    '1e5',
    'true',
    'null',
    '__proto__',
    '&amp;',
    ']]>',
    '<!-- x -->',
    '&#65;',
    '中文😀',
    'constructor',
    '\'"`',
  ]
  let listening: Listening
  let given: unknown
  let client: ElastiCacheClient

  beforeAll(async () => {
    const { wire } = exampleWire({
      elasticache: {
        ListTagsForResource: () => ({ TagList: EDGES.map((Value, index) => ({ Key: `k${index}`, Value })) }),
        AddTagsToResource: ({ Tags }) => ((given = Tags), {}),
      },
    })
    listening = await listen({ handle: wire })
    client = new ElastiCacheClient({
      endpoint: listening.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    })
  })

  afterAll(async () => {
    client.destroy()
    await listening.close()
  })

  it('text at the edges of what XML carries comes back as it was', async () => {
    const { TagList } = await client.send(new ListTagsForResourceCommand({ ResourceName: 'r' }))
    expect(TagList?.map(({ Value }) => Value)).toEqual(EDGES)
  })

  it('and goes in as it was', async () => {
    const Tags = EDGES.map((Value, index) => ({ Key: `k${index}`, Value }))
    await client.send(new AddTagsToResourceCommand({ ResourceName: 'r', Tags }))
    expect(given).toEqual(Tags)
  })
})

it('writes a list under both names where readers of the model disagree', async () => {
  const { operations } = await models.elasticache.load()
  const output = operations.get('DescribeReplicationGroups')?.output
  if (!output) throw new Error('no such operation')
  const pending = { LogDeliveryConfigurations: [{ LogType: 'slow-log' }] }
  const written = writeXmlBody(output, { ReplicationGroups: [{ PendingModifiedValues: pending }] })
  const list = '<member><LogType>slow-log</LogType></member>'
  expect(written).toContain(
    `<PendingModifiedValues><LogDeliveryConfigurations>${list}</LogDeliveryConfigurations>` +
      `<PendingLogDeliveryConfiguration>${list}</PendingLogDeliveryConfiguration></PendingModifiedValues>`,
  )
})

it('leaves out what is absent and writes what is empty', async () => {
  const { operations } = await models.elasticache.load()
  const output = operations.get('DescribeReplicationGroups')?.output
  if (!output) throw new Error('no such operation')
  const group = {
    ReplicationGroupId: 'g',
    Description: '',
    MemberClusters: [],
    NodeGroups: undefined,
    SnapshotRetentionLimit: 0,
    MultiAZ: undefined,
    AuthTokenEnabled: false,
  }
  expect(writeXmlBody(output, { ReplicationGroups: [group] })).toBe(
    '<ReplicationGroups><ReplicationGroup><ReplicationGroupId>g</ReplicationGroupId><Description/><MemberClusters/>' +
      '<SnapshotRetentionLimit>0</SnapshotRetentionLimit><AuthTokenEnabled>false</AuthTokenEnabled></ReplicationGroup></ReplicationGroups>',
  )
})
