/**
 * Plain data, as parsed from JSON or CBOR → the input a shape describes. Unknown members are ignored and null counts
 * as absent, as in AWS. Only own properties are read and written, so `__proto__` is a name like any other.
 */
import { wireFault, type WireFault } from '../../fault.ts'
import type { ListShape, MapShape, Shape, StructureShape } from '../../schema/shape.ts'
import type { DataDialect } from './dialect.ts'

type Plain = Readonly<Record<string, unknown>>

/** How deep to go, counted down. */
interface Reading {
  readonly dialect: DataDialect
  readonly depth: number
}

export function readData(shape: Shape, value: unknown, reading: Reading): unknown {
  if (reading.depth < 0) throw refused('The request is nested too deeply')
  switch (shape.kind) {
    case 'unit':
      return {}
    case 'structure':
    case 'union':
      return readStructure(shape, plain(value), deeper(reading))
    case 'list':
      return readList(shape, value, deeper(reading))
    case 'map':
      return readMap(shape, plain(value), deeper(reading))
    case 'document':
      return readDocument(value, reading.depth)
    default:
      return readScalar(shape, value, reading.dialect)
  }
}

function readStructure(shape: StructureShape, value: Plain, reading: Reading): object {
  const structure: Record<string, unknown> = {}
  for (const member of shape.members) {
    if (!Object.hasOwn(value, member.name)) continue
    const given = value[member.name]
    if (given !== undefined && given !== null) structure[member.name] = readData(member.shape, given, reading)
  }
  return structure
}

function readList(shape: ListShape, value: unknown, reading: Reading): unknown[] {
  if (!Array.isArray(value)) throw refused(isPlain(value) ? UNEXPECTED_MAP : 'Expected list or null')
  const list: unknown[] = []
  for (const item of value as unknown[]) {
    if (item !== undefined && item !== null) list.push(readData(shape.item.shape, item, reading))
    else if (shape.sparse) list.push(null)
  }
  return list
}

function readMap(shape: MapShape, value: Plain, reading: Reading): object {
  const map = {}
  for (const [key, item] of Object.entries(value)) {
    const absent = item === undefined || item === null
    if (absent && !shape.sparse) continue
    define(map, key, absent ? null : readData(shape.value.shape, item, reading))
  }
  return map
}

function readScalar(shape: Shape, value: unknown, dialect: DataDialect): unknown {
  switch (shape.kind) {
    case 'string':
      return typeof value === 'string' ? value : refuse(value, 'a String')
    case 'boolean':
      return typeof value === 'boolean' ? value : refuse(value, 'a Boolean')
    case 'number':
      return dialect.readNumber(value) ?? refuse(value, 'a Number')
    case 'bigInteger':
      return dialect.readBigInteger(value) ?? refuse(value, 'a BigInteger')
    case 'blob':
      return dialect.readBlob(value) ?? refuse(value, 'a Blob')
    case 'timestamp':
      return dialect.readTimestamp(value) ?? refuse(value, 'a Timestamp')
    default:
      return typeof value === 'string' || typeof value === 'number' ? value : refuse(value, 'a BigDecimal')
  }
}

/** A document is copied as it is, once its depth is known to be bounded. */
function readDocument(value: unknown, depth: number): unknown {
  if (depth < 0) throw refused('The request is nested too deeply')
  if (Array.isArray(value)) return value.map(item => readDocument(item, depth - 1))
  if (!isPlain(value)) return value
  const copy = {}
  for (const [key, item] of Object.entries(value)) define(copy, key, readDocument(item, depth - 1))
  return copy
}

const UNEXPECTED_MAP = 'Start of structure or map found where not expected.'

function plain(value: unknown): Plain {
  if (isPlain(value)) return value
  throw refused(Array.isArray(value) ? 'Start of list found where not expected' : 'Unexpected field type')
}

function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)
}

function deeper(reading: Reading): Reading {
  return { dialect: reading.dialect, depth: reading.depth - 1 }
}

function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
}

function refuse(value: unknown, wanted: string): never {
  if (Array.isArray(value)) throw refused('Start of list found where not expected')
  if (isPlain(value)) throw refused(UNEXPECTED_MAP)
  const token =
    typeof value === 'boolean' ? String(value).toUpperCase() : typeof value === 'string' ? 'STRING' : 'NUMBER'
  throw refused(`${token}_VALUE can not be converted to ${wanted}`)
}

function refused(message: string): WireFault {
  return wireFault('SerializationException', message)
}
