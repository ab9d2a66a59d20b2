// The guide's code example 8: AUTH and RBAC over TLS. Needs REDIS_URL (rediss://…), REDIS_CA (a file, for a private
// authority), REDIS_PASSWORD for AUTH, and REDIS_READER_PASSWORD of the user `app-readonly`, who may read `app:` only.
// Passwords come from the environment, not from the source as in the guide. For IAM see `iamCredentials`.
import { readFileSync } from 'node:fs'
import { Cache, connect, EngineError } from '@hotshelf/cache'

const url = process.env['REDIS_URL'] ?? 'rediss://127.0.0.1:6379'
const ca = process.env['REDIS_CA']
const tls = ca === undefined ? true : { ca: readFileSync(ca, 'utf8') }
const password = process.env['REDIS_PASSWORD'] ?? ''

const connection = await connect({ url, tls, password, required: true, connectTimeout: '5s' })
const cache = new Cache(connection, { namespace: 'app' })
console.log('AUTH over TLS:', await cache.set('greeting', 'hello'))

// A wrong password cannot be waited away, so it is thrown, also without `required`.
const refused = await connect({ url, tls, password: 'wrong' }).catch((error: unknown) => error)
console.log('wrong password:', refused instanceof EngineError && refused.code)

// RBAC: reads are answered, writes are refused by the server and reported, and the application goes on.
const readerPassword = process.env['REDIS_READER_PASSWORD'] ?? ''
const reader = await connect({
  url,
  tls,
  username: 'app-readonly',
  password: readerPassword,
  required: true,
  connectTimeout: '5s',
})
const reading = new Cache(reader, { namespace: 'app' })
const errors: string[] = []
reading.onEvent(event => event.type === 'error' && errors.push(event.error.message.split(' ')[0]!))
console.log('the reader reads:', await reading.get('greeting'))
console.log('but stores nothing:', await reading.set('greeting', 'bye'), errors.join())

await reader.close()
await connection.close()
