/**
 * An output, as its shape describes it → plain data for JSON or CBOR. Members that the shape does not know are left
 * out; `undefined` and `null` are left out too, except in sparse lists and maps.
 */
import type { Shape } from '../../schema/shape.ts'
import type { DataDialect } from './dialect.ts'

export function writeData(shape: Shape, value: unknown, dialect: DataDialect): unknown {
  switch (shape.kind) {
    case 'unit':
      return {}
    case 'structure':
    case 'union':
      return fromEntries(
        shape.members.map(member => [member.name, propertyOf(value, member.name), member.shape] as const),
        { sparse: false, dialect },
      )
    case 'list':
      return (value as readonly unknown[])
        .filter(item => shape.sparse || isPresent(item))
        .map(item => (isPresent(item) ? writeData(shape.item.shape, item, dialect) : null))
    case 'map':
      return fromEntries(
        Object.entries(value as object).map(([key, item]) => [key, item, shape.value.shape] as const),
        { sparse: shape.sparse, dialect },
      )
    case 'blob':
      return dialect.writeBlob(value as Uint8Array | string)
    case 'timestamp':
      return dialect.writeTimestamp(value as Date, shape.format)
    case 'number':
      return dialect.writeNumber(value as number)
    default:
      return value
  }
}

interface Writing {
  readonly sparse: boolean
  readonly dialect: DataDialect
}

function fromEntries(entries: readonly (readonly [string, unknown, Shape])[], { sparse, dialect }: Writing): object {
  const target = {}
  for (const [key, item, shape] of entries) {
    if (!isPresent(item) && !sparse) continue
    const written = isPresent(item) ? writeData(shape, item, dialect) : null
    Object.defineProperty(target, key, { value: written, enumerable: true, configurable: true, writable: true })
  }
  return target
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null
}

function propertyOf(value: unknown, name: string): unknown {
  return (value as Readonly<Record<string, unknown>>)[name]
}
