/**
 * JSON and CBOR carry the same data model and differ only in how they spell a few scalars.
 * Reading answers `undefined` for what is not that scalar.
 */
import type { TimestampFormat } from '../../schema/shape.ts'

export interface DataDialect {
  readBlob(value: unknown): Uint8Array | undefined
  readTimestamp(value: unknown): Date | undefined
  readNumber(value: unknown): number | undefined
  readBigInteger(value: unknown): bigint | undefined
  writeBlob(value: Uint8Array | string): unknown
  writeTimestamp(value: Date, format: TimestampFormat | undefined): unknown
  writeNumber(value: number): unknown
}
