/**
 * Scalars in text and back: the one place where a timestamp, a number or a blob becomes characters or stops being
 * them. Reading is strict; what cannot be read is `undefined`, and the protocol says how to refuse it.
 */
import type { TimestampFormat } from '../schema/shape.ts'

const DECIMAL = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/
const EPOCH = /^[-+]?\d{1,12}(?:\.\d+)?$/
const DATE_TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[-+]\d\d:?\d\d)?)?$/
const BASE64 = /^[A-Za-z0-9+/\-_\s]*={0,2}\s*$/

export function readNumber(text: string): number | undefined {
  if (text === 'NaN' || text === 'Infinity' || text === '-Infinity') return Number(text)
  return DECIMAL.test(text) ? Number(text) : undefined
}

/** The four spellings of XML Schema, in any case, as AWS's own parser takes them. */
export function readBoolean(text: string): boolean | undefined {
  const lower = text.toLowerCase()
  if (lower === 'true' || lower === '1') return true
  if (lower === 'false' || lower === '0') return false
  return undefined
}

/** ISO 8601 (UTC when it names no zone), seconds since 1970, or an HTTP date. */
export function readTimestamp(text: string): Date | undefined {
  if (EPOCH.test(text)) return validDate(Number(text) * 1000)
  const match = DATE_TIME.exec(text)
  if (match) return validDate(Date.parse(text.length > 10 && !match[1] ? `${text}Z` : text))
  return text.endsWith('GMT') ? validDate(Date.parse(text)) : undefined
}

export function readEpochSeconds(seconds: number): Date | undefined {
  return validDate(Math.round(seconds * 1000))
}

export function readBase64(text: string): Uint8Array | undefined {
  return BASE64.test(text) ? new Uint8Array(Buffer.from(text, 'base64')) : undefined
}

export function writeBase64(value: Uint8Array | string): string {
  if (typeof value === 'string') return Buffer.from(value).toString('base64')
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
}

export function writeTimestamp(value: Date, format: TimestampFormat): string {
  if (format === 'http-date') return value.toUTCString()
  return format === 'epoch-seconds' ? String(value.getTime() / 1000) : value.toISOString()
}

function validDate(time: number): Date | undefined {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? undefined : date
}
