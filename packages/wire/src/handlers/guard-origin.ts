/**
 * Keeps foreign web pages out. A server on a developer's machine may accept any credentials, and a browser will send
 * a form to it from any page without asking first; so whatever a browser marks as coming from a page must come from
 * an origin that the operator named. Programs send neither header and are not affected.
 */
import type { Exchange } from '../exchange.ts'
import { wireFault } from '../fault.ts'
import type { WireResponse } from '../message.ts'

const PREFLIGHT_SECONDS = '600'

export function guardOrigin(exchange: Exchange, origins: readonly string[]): WireResponse | undefined {
  const { headers, method } = exchange.request
  const { origin } = headers
  const allowed = typeof origin === 'string' && origins.includes(origin)
  if (!allowed && isFromPage(headers)) {
    throw wireFault('AccessDenied', 'Requests from this web origin are not allowed.', { status: 403 })
  }
  if (!allowed) return undefined
  exchange.headers['access-control-allow-origin'] = origin
  exchange.headers['access-control-expose-headers'] = 'x-amzn-requestid,x-amzn-query-error,date'
  exchange.headers['vary'] = 'origin'
  return method === 'OPTIONS' ? preflight(headers['access-control-request-headers']) : undefined
}

/** `none` is a person at the address bar, `same-origin` a page that this very server delivered. */
function isFromPage(headers: Exchange['request']['headers']): boolean {
  const site = headers['sec-fetch-site']
  return headers['origin'] !== undefined || site === 'cross-site' || site === 'same-site'
}

function preflight(requested: string | string[] | undefined): WireResponse {
  return {
    status: 204,
    headers: {
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': String(requested ?? ''),
      'access-control-max-age': PREFLIGHT_SECONDS,
    },
    body: '',
  }
}
