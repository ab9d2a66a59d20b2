/**
 * When a signature was made, and whether that is near enough to now. Five minutes either way, as AWS; a caller whose
 * clock is wrong is told both times, because SDKs and people read them from the message.
 */
import type { Refusal } from './refusal.ts'

export const DEFAULT_SKEW_MS = 5 * 60_000

/** Milliseconds since 1970 of a `YYYYMMDDTHHMMSSZ` timestamp; undefined for anything else. */
export function parseTimestamp(timestamp: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp)
  if (!match) return undefined
  const [, year, month, day, hour, minute, second] = match.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const time = Date.UTC(year, month - 1, day, hour, minute, second)
  return formatTimestamp(time) === timestamp ? time : undefined
}

export function formatTimestamp(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d+/g, '')
}

export function refuseSkew(signedAt: number, now: number, skewMs: number): Refusal | undefined {
  const minutes = Math.round(skewMs / 60_000)
  const [signed, current] = [formatTimestamp(signedAt), formatTimestamp(now)]
  if (signedAt < now - skewMs) {
    const bound = formatTimestamp(now - skewMs)
    return {
      kind: 'clock',
      message: `Signature expired: ${signed} is now earlier than ${bound} (${current} - ${minutes} min.)`,
    }
  }
  if (signedAt > now + skewMs) {
    const bound = formatTimestamp(now + skewMs)
    return {
      kind: 'clock',
      message: `Signature not yet current: ${signed} is still later than ${bound} (${current} + ${minutes} min.)`,
    }
  }
  return undefined
}
