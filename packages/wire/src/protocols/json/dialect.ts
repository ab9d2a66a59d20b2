/** How JSON spells what it has no type for: base64 text, seconds since 1970, and numbers that JSON cannot say. */
import type { DataDialect } from '../data/dialect.ts'
import { readBase64, readEpochSeconds, readNumber, readTimestamp, writeBase64, writeTimestamp } from '../scalars.ts'

export const jsonDialect: DataDialect = {
  readBlob: value => (typeof value === 'string' ? readBase64(value) : undefined),
  readTimestamp: value =>
    typeof value === 'number' ? readEpochSeconds(value) : typeof value === 'string' ? readTimestamp(value) : undefined,
  readNumber: value =>
    typeof value === 'number' ? value : value === 'NaN' || isInfinity(value) ? readNumber(value) : undefined,
  readBigInteger: value => (typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : undefined),
  writeBlob: writeBase64,
  writeTimestamp: (value, format) =>
    format === undefined || format === 'epoch-seconds' ? value.getTime() / 1000 : writeTimestamp(value, format),
  writeNumber: value => (Number.isFinite(value) ? value : String(value)),
}

function isInfinity(value: unknown): value is string {
  return value === 'Infinity' || value === '-Infinity'
}
