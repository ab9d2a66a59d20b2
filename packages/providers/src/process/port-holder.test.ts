import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { platform } from 'node:process'
import { expect, test } from 'vitest'
import { holderOf, parseListeners } from './port-holder.ts'

const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:18EB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 41001 1 0000000000000000 100 0 0 10 0
   1: 00000000:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 41002 1 0000000000000000 100 0 0 10 0
   2: 0100007F:18EB 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 41003 1 0000000000000000 100 0 0 10 0
`

test('reads listening sockets, and only those', () => {
  expect(parseListeners(table)).toEqual([
    { address: '127.0.0.1', port: 6379, inode: '41001' },
    { address: '*', port: 5432, inode: '41002' },
  ])
})

test('reads IPv6: the wildcard, and IPv4 within it', () => {
  const six = `  sl  local_address                         remote_address                        st
   0: 00000000000000000000000000000000:18EB 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 5 1
   1: 0000000000000000FFFF00000100007F:18EC 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 6 1
`
  expect(parseListeners(six)).toEqual([
    { address: '*', port: 6379, inode: '5' },
    { address: '127.0.0.1', port: 6380, inode: '6' },
  ])
})

test.skipIf(platform !== 'linux')('names this very process as the holder of its port', async () => {
  // An address that no other test listens on: another may take a port of 127.0.0.1 as soon as it is free.
  const address = '127.94.3.17'
  const server = createServer().listen(0, address)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  expect(holderOf({ address, port })).toContain(`(process ${process.pid})`)
  await new Promise(closed => server.close(closed))
  expect(holderOf({ address, port })).toBeUndefined()
})
