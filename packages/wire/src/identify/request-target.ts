/**
 * What a request says, outside its body, about the operation it wants: nothing (the body will say `Action=`), an
 * X-Amz-Target header, or a path. This also settles the protocol.
 */
import type { WireRequest } from '../message.ts'
import { cbor } from '../protocols/cbor/protocol.ts'
import { json10, json11 } from '../protocols/json/protocol.ts'
import type { ServerProtocol } from '../protocols/server-protocol.ts'

export interface RequestTarget {
  readonly protocol: ServerProtocol
  /** The name a service has in this protocol, `GraniteServiceVersion20100801`; not its signing name. */
  readonly service: string
  readonly operation: string
}

const RPC_PATH = /\/service\/([^/]+)\/operation\/([^/]+)$/

export function requestTarget(request: WireRequest): RequestTarget | undefined {
  const path = RPC_PATH.exec(request.path)
  if (path || request.headers['smithy-protocol'] === 'rpc-v2-cbor') {
    return { protocol: cbor, service: afterLastDot(path?.[1] ?? ''), operation: path?.[2] ?? '' }
  }
  const target = request.headers['x-amz-target']
  if (typeof target !== 'string') return undefined
  const dot = target.lastIndexOf('.')
  const protocol = String(request.headers['content-type']).includes('json-1.0') ? json10 : json11
  return { protocol, service: target.slice(0, Math.max(dot, 0)), operation: target.slice(dot + 1) }
}

/** A path may name the service with its namespace, which nothing else needs. */
function afterLastDot(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}
