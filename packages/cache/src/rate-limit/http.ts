// Limits over HTTP: the RateLimit header fields of the IETF draft, Retry-After, and a middleware for anything shaped like
// node:http, Express or Connect.
// https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
import type { RateLimit, RateLimiter } from './rate-limiter.ts'

/** The headers to send with any answer, allowed or not. Whole seconds, rounded up. */
export function rateLimitHeaders(result: RateLimit, windowMs: number, name = 'default'): Record<string, string> {
  const seconds = (ms: number) => Math.ceil(ms / 1000)
  const headers: Record<string, string> = {
    'RateLimit-Policy': `"${name}";q=${result.limit};w=${seconds(windowMs)}`,
    RateLimit: `"${name}";r=${result.remaining};t=${seconds(result.resetIn)}`,
  }
  if (!result.allowed && Number.isFinite(result.retryIn))
    headers['Retry-After'] = String(Math.max(1, seconds(result.retryIn)))
  return headers
}

export interface HttpResponse {
  statusCode: number
  setHeader(name: string, value: string): unknown
  end(body?: string): unknown
}

export interface MiddlewareOptions<Request> {
  /** Who is limited: the address, the user, the API key. undefined lets the request pass uncounted. */
  readonly subject: (request: Request) => string | undefined
  readonly cost?: (request: Request) => number
  readonly name?: string
}

/** Answers 429 when limited; otherwise sets the headers and goes on. */
export function rateLimitMiddleware<Request>(limiter: RateLimiter, options: MiddlewareOptions<Request>) {
  const judge = async (request: Request, response: HttpResponse): Promise<boolean> => {
    const subject = options.subject(request)
    if (subject === undefined) return true
    const result = await limiter.consume(subject, options.cost?.(request) ?? 1)
    const headers = rateLimitHeaders(result, limiter.window, options.name)
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    return result.allowed
  }
  const run = async (request: Request, response: HttpResponse, next: (error?: unknown) => void): Promise<void> => {
    let allowed: boolean
    try {
      allowed = await judge(request, response)
    } catch (error) {
      next(error)
      return
    }
    if (allowed) {
      next()
      return
    }
    response.statusCode = 429
    response.end('Too Many Requests')
  }
  return (request: Request, response: HttpResponse, next: (error?: unknown) => void): void => {
    void run(request, response, next)
  }
}
