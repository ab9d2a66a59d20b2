/**
 * A process that writes until it is killed: the writer of the store's durability suite.
 * Usage: acknowledged-writer.mjs <url> <seal key as hex>. A line on stdout is written only after the store said yes,
 * and synchronously, so that no acknowledgement is lost in a buffer and none is made up.
 * It runs the built package, as servers do.
 */
import { writeSync } from 'node:fs'
import { openStore } from '@hotshelf/store'

const [url = '', key = ''] = process.argv.slice(2)
const scope = { account: '111122223333', region: 'eu-west-1' }
const store = await openStore({ url, sealKey: Buffer.from(key, 'hex') })

for (let number = 0; ; number++) {
  const name = `durable-${process.pid}-${number}`
  const arn = `arn:aws:test:eu-west-1:111122223333:thing:${name}`
  await store.transaction(async inside => {
    const createdAt = new Date()
    await inside.repository('log-group').insert({ ...scope, arn, name, desired: { number }, createdAt })
    await inside.tags.set(arn, [{ key: 'number', value: String(number) }])
    await inside.events.append(scope, { sourceType: 'user', sourceId: name, arn, message: 'made', at: createdAt })
  })
  writeSync(1, `${name}\n`)
}
