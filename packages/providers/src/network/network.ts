/**
 * Where nodes and endpoints listen. Two ways with one face:
 * addresses: every node and endpoint has a loopback address of its own and keeps the AWS port (Linux, or macOS with aliases).
 * ports: only 127.0.0.1 exists, so each has ports of its own.
 * What is taken is remembered by those who took it (node.json, endpoints.json): after a start they `hold` it again.
 */
import { createServer } from 'node:net'
import { isCode } from '../durable-file.ts'

export type AddressMode = 'addresses' | 'ports'

export interface NodeAddress {
  readonly address: string
  readonly port: number
  /** Beside `port`, for TLS while encryption is only preferred. */
  readonly tlsPort: number
  readonly busPort: number
}

export interface EndpointAddress {
  readonly address: string
  readonly port: number
}

export interface Network {
  readonly mode: AddressMode
  /** `127.77` or `127.0.0.1`. */
  readonly prefix: string
  /** Throws Unavailable when none is left. */
  takeNode(port: number): Promise<NodeAddress>
  holdNode(address: NodeAddress): void
  freeNode(address: NodeAddress): void
  takeEndpoint(port: number): Promise<EndpointAddress>
  holdEndpoint(address: EndpointAddress): void
  freeEndpoint(address: EndpointAddress): void
  close(): void
}

/** True when nobody listens there now (a wildcard listener counts as somebody) and we are allowed to. */
export function isFree(address: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', error => {
      if (isCode(error, 'EADDRINUSE') || isCode(error, 'EACCES')) resolve(false)
      else reject(error)
    })
    probe.listen({ host: address, port, exclusive: true }, () => probe.close(() => resolve(true)))
  })
}

/** `addresses` where any 127.x.y.z can be bound without further ado, as on Linux; else `ports`, as on a plain macOS. */
export async function addressModeHere(): Promise<AddressMode> {
  try {
    await isFree('127.65.43.21', 0)
    return 'addresses'
  } catch (error) {
    if (isCode(error, 'EADDRNOTAVAIL')) return 'ports'
    throw error
  }
}
