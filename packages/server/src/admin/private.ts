/**
 * Pages that tell about groups are for programs of this machine only. A browser is one of them, and a web page could make
 * it ask: a page's own name in the Host header (DNS rebinding), or a request sent across sites, is refused.
 */
import type { IncomingMessage } from 'node:http'
import { isLoopback } from '../read-config.ts'
import { type Page, sendJson } from './page.ts'

export const strangersAreRefused: Page = ({ message, response }) => {
  if (isFromThisMachine(message)) return false
  sendJson(response, 403, {
    message: 'This page answers programs on the same machine only.',
    advice: 'Ask it through a loopback address, such as http://127.0.0.1:4566, from the machine that Hotshelf runs on.',
  })
  return true
}

export interface Asker {
  readonly headers: IncomingMessage['headers']
  readonly socket: { readonly remoteAddress?: string | undefined }
}

export function isFromThisMachine(message: Asker): boolean {
  const { host = '', origin } = message.headers
  const site = message.headers['sec-fetch-site']
  if (!isLoopback(message.socket.remoteAddress ?? '')) return false
  if (!isLoopback(hostOf(`http://${host}`))) return false
  if (site === 'cross-site' || site === 'same-site') return false
  return origin === undefined || isLoopback(hostOf(origin))
}

/** Without port and brackets; empty when it cannot be read. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[(.*)\]$/, '$1') : ''
}

export const noSuchPage: Page = ({ response }) => {
  sendJson(response, 404, {
    message: 'There is no such page.',
    advice: 'There are /_hotshelf/health, ca.pem, groups, plan and events.',
  })
  return true
}
