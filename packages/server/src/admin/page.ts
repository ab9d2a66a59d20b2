/** A page under /_hotshelf: looks whether the request is its own, and answers it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Insight } from './insight.ts'

export interface PageRequest {
  readonly message: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  readonly insight: Insight
}

/** True when it answers, now or later. */
export type Page = (request: PageRequest) => boolean

/** Refused with a message and advice, as every refusal here. */
export class PageRefusal extends Error {
  readonly status: number
  readonly advice: string
  constructor(status: number, message: string, advice: string) {
    super(message)
    this.status = status
    this.advice = advice
  }
}

/** A page at one path, read with GET, that answers JSON. */
export function jsonPage(path: string, answer: (request: PageRequest) => Promise<unknown>): Page {
  return request => {
    if (request.url.pathname !== path) return false
    if (!isGet(request)) return true
    answer(request).then(
      value => sendJson(request.response, 200, value),
      (error: unknown) => sendRefusal(request, error),
    )
    return true
  }
}

/** Answers 405 otherwise. */
export function isGet({ message, response }: PageRequest): boolean {
  if (message.method === 'GET' || message.method === 'HEAD') return true
  sendJson(response, 405, { message: `${message.method} is not allowed here.`, advice: 'Use GET.' })
  return false
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, 'application/json', `${JSON.stringify(value)}\n`)
}

export function send(response: ServerResponse, status: number, type: string, body: string): void {
  if (response.headersSent) return void response.destroy()
  response.writeHead(status, {
    'content-type': type,
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(body)
}

export function sendRefusal({ response, insight, url }: PageRequest, error: unknown): void {
  if (error instanceof PageRefusal) {
    return sendJson(response, error.status, { message: error.message, advice: error.advice })
  }
  insight.log.error({ err: error, page: url.pathname }, 'a page of this server failed')
  sendJson(response, 500, { message: 'This page failed.', advice: "The server's log says why." })
}
