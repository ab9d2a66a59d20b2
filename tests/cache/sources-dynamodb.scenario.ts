// The AWS SDK's document client with item cache and query cache in front, against moto's DynamoDB (`moto_server`, an
// implementation of the service in Python) and a real Valkey. Skipped where moto_server is not installed.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb'
import { type CachedDynamo, cachedDynamo, type CachedTableOptions } from '@hotshelf/cache/sources'
import { eventually, freePort } from '@hotshelf/testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startWorld, type World } from './world.ts'

const missing = spawnSync('moto_server', ['--help']).status === 0 ? undefined : 'moto_server is not installed'
if (missing !== undefined) process.stderr.write(`skipped, ${missing}\n`)

async function startMoto(): Promise<{ readonly endpoint: string; stop(): Promise<void> }> {
  const port = await freePort()
  // Its own group: the program may be a launcher whose child is the server.
  const server = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore', detached: true })
  const kill = () => {
    try {
      process.kill(-server.pid!, 'SIGKILL')
    } catch {
      // Gone already.
    }
  }
  process.once('exit', kill)
  const endpoint = `http://127.0.0.1:${port}`
  await eventually(() => fetch(endpoint).then(Boolean, () => false), Boolean)
  return {
    endpoint,
    stop: async () => {
      const gone = once(server, 'exit')
      kill()
      await gone
      process.off('exit', kill)
    },
  }
}

describe.skipIf(missing !== undefined)('DynamoDB in the manner of DAX', () => {
  let world: World
  let direct: DynamoDBDocument
  let counted: DynamoDBDocument
  /** Operations that reached the table, in order; strongly consistent reads marked. */
  let asked: string[] = []

  beforeAll(async () => {
    world = await startWorld()
    const moto = await startMoto()
    world.onEnd(() => moto.stop())
    const options = {
      endpoint: moto.endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    }
    const client = new DynamoDBClient(options)
    direct = DynamoDBDocument.from(client)
    const watched = new DynamoDBClient(options)
    watched.middlewareStack.add((next, { commandName }) => args => {
      const { ConsistentRead, RequestItems } = args.input as { ConsistentRead?: boolean; RequestItems?: object }
      const strong = ConsistentRead || Object.values(RequestItems ?? {}).some(table => table.ConsistentRead)
      asked.push(`${String(commandName).replace(/Command$/, '')}${strong ? '!' : ''}`)
      return next(args)
    })
    counted = DynamoDBDocument.from(watched)
    world.onEnd(() => [client.destroy(), watched.destroy()])
    await client.send(
      new CreateTableCommand({
        TableName: 'orders',
        AttributeDefinitions: [
          { AttributeName: 'customer', AttributeType: 'S' },
          { AttributeName: 'number', AttributeType: 'N' },
        ],
        KeySchema: [
          { AttributeName: 'customer', KeyType: 'HASH' },
          { AttributeName: 'number', KeyType: 'RANGE' },
        ],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    )
  })
  afterAll(() => world?.end())
  beforeEach(async () => {
    for (const { customer, number } of (await direct.scan({ TableName: 'orders' })).Items ?? [])
      await direct.delete({ TableName: 'orders', Key: { customer, number } })
    await direct.put({
      TableName: 'orders',
      Item: { customer: 'ada', number: 1, tags: new Set(['a', 'b']), amount: 5 },
    })
    await direct.put({ TableName: 'orders', Item: { customer: 'ada', number: 2, bytes: new Uint8Array([1, 2]) } })
    asked = []
  })

  const open = (options: Partial<CachedTableOptions> = {}): CachedDynamo =>
    cachedDynamo(world.cache(), counted, { tables: { orders: { key: ['customer', 'number'], ...options } } })
  const TableName = 'orders'
  const first = { customer: 'ada', number: 1 }

  test('an item is read once, strongly consistent, and a hit has its sets and bytes', async () => {
    const db = open()
    const miss = await db.get({ TableName, Key: first })
    expect(miss).toEqual({ Item: { ...first, tags: new Set(['a', 'b']), amount: 5 } })
    expect(await db.get({ TableName, Key: first })).toStrictEqual(miss)
    const bytes = await db.get({ TableName, Key: { customer: 'ada', number: 2 } })
    expect(await db.get({ TableName, Key: { customer: 'ada', number: 2 } })).toStrictEqual(bytes)
    expect(asked).toEqual(['GetItem!', 'GetItem!'])
  })

  test('one number is one key, however it is spelt', async () => {
    const db = open()
    await db.get({ TableName, Key: first })
    await db.get({ TableName, Key: { number: 1n, customer: 'ada' } })
    expect(asked).toEqual(['GetItem!'])
    await db.update({
      TableName,
      Key: { customer: 'ada', number: 1n },
      UpdateExpression: 'SET #t = :t',
      ExpressionAttributeNames: { '#t': 'amount' },
      ExpressionAttributeValues: { ':t': 6 },
    })
    expect((await db.get({ TableName, Key: first })).Item?.['amount']).toBe(6)
  })

  test('an absent item is remembered, until it is put', async () => {
    const db = open()
    const Key = { customer: 'grace', number: 1 }
    expect([await db.get({ TableName, Key }), await db.get({ TableName, Key })]).toEqual([{}, {}])
    expect(asked).toEqual(['GetItem!'])
    await db.put({ TableName, Item: { ...Key, amount: 1 } })
    expect((await db.get({ TableName, Key })).Item).toEqual({ ...Key, amount: 1 })
    await db.delete({ TableName, Key })
    expect(await db.get({ TableName, Key })).toEqual({})
  })

  test('a strongly consistent read, and one with a projection, go to the table and leave nothing behind', async () => {
    const db = open()
    await db.get({ TableName, Key: first })
    await direct.update({
      TableName,
      Key: first,
      UpdateExpression: 'SET amount = :t',
      ExpressionAttributeValues: { ':t': 9 },
    })
    expect((await db.get({ TableName, Key: first, ConsistentRead: true })).Item?.['amount']).toBe(9)
    expect((await db.get({ TableName, Key: first, ProjectionExpression: 'amount' })).Item).toEqual({ amount: 9 })
    // Nobody told the cache of the write: the old item stays until its ttl ends, as in DAX.
    expect((await db.get({ TableName, Key: first })).Item?.['amount']).toBe(5)
    expect(asked).toEqual(['GetItem!', 'GetItem!', 'GetItem'])
  })

  test('batchGet asks the table only for what the cache lacks, absent items included once', async () => {
    const db = open()
    await db.get({ TableName, Key: first })
    const Keys = [first, { customer: 'ada', number: 2 }, { customer: 'nobody', number: 1 }]
    const read = async () => (await db.batchGet({ RequestItems: { orders: { Keys } } })).Responses?.['orders']
    expect(await read()).toMatchObject([{ number: 1 }, { number: 2 }])
    expect(await read()).toMatchObject([{ number: 1 }, { number: 2 }])
    expect(asked).toEqual(['GetItem!', 'BatchGetItem!'])
  })

  test('results of query and scan are kept per request, and forgotten by any write to their table', async () => {
    const db = open()
    const ofAda = () =>
      db.query({
        TableName,
        KeyConditionExpression: 'customer = :c',
        ExpressionAttributeValues: { ':c': 'ada' },
      })
    expect((await ofAda()).Count).toBe(2)
    expect(await ofAda()).toStrictEqual(await ofAda())
    const page = await db.scan({ TableName, Limit: 1 })
    expect(page.LastEvaluatedKey).toBeDefined()
    await db.scan({ TableName, Limit: 1, ExclusiveStartKey: page.LastEvaluatedKey! })
    expect(asked).toEqual(['Query!', 'Scan!', 'Scan!'])
    await db.batchWrite({
      RequestItems: {
        orders: [{ PutRequest: { Item: { customer: 'ada', number: 3 } } }, { DeleteRequest: { Key: first } }],
      },
    })
    expect((await ofAda()).Items?.map(item => item['number'])).toEqual([2, 3])
  })

  test('queries until-ttl, DAX’s way, keep their results through writes', async () => {
    const db = open({ queries: 'until-ttl' })
    const count = async () => (await db.scan({ TableName })).Count
    expect(await count()).toBe(2)
    await db.delete({ TableName, Key: first })
    expect(await count()).toBe(2)
    expect(await db.get({ TableName, Key: first })).toEqual({})
  })

  test('afterWrite load has the item in the cache when the write returns', async () => {
    const db = open({ afterWrite: 'load' })
    await db.transactWrite({
      TransactItems: [
        { Put: { TableName, Item: { customer: 'new', number: 1 } } },
        { Delete: { TableName, Key: first } },
      ],
    })
    asked = []
    expect((await db.get({ TableName, Key: { customer: 'new', number: 1 } })).Item).toBeDefined()
    expect(await db.get({ TableName, Key: first })).toEqual({})
    expect(asked).toEqual([])
  })

  test('a refused write is the caller’s error, and the item is read again', async () => {
    const db = open()
    await db.get({ TableName, Key: first })
    const put = db.put({ TableName, Item: first, ConditionExpression: 'attribute_not_exists(customer)' })
    await expect(put).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' })
    expect((await db.get({ TableName, Key: first })).Item?.['amount']).toBe(5)
    expect(asked).toEqual(['GetItem!', 'PutItem', 'GetItem!'])
  })

  test('a table that is not declared passes through', async () => {
    const db = cachedDynamo(world.cache(), counted, { tables: {} })
    await db.get({ TableName, Key: first })
    expect((await db.get({ TableName, Key: first })).Item?.['amount']).toBe(5)
    expect(asked).toEqual(['GetItem', 'GetItem'])
  })

  test('a hundred readers of one item are one read', async () => {
    const db = open()
    await Promise.all(Array.from({ length: 100 }, () => db.get({ TableName, Key: first })))
    expect(asked).toEqual(['GetItem!'])
  })
})
