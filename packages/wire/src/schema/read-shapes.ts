/**
 * Turns the compact schemas that the SDK modules export into shapes. This is the only file that knows their encoding
 * (`[3, namespace, name, traits, memberNames, memberSchemas, requiredCount]`, numbers for simple types); it leans on
 * the SDK's own NormalizedSchema for everything but the required count, which that class does not expose.
 */
import { NormalizedSchema } from '@smithy/core/schema'
import { aliasOf, ruleOf, type Overlay } from '../overlay/overlay.ts'
import type { Member, ScalarKind, Shape, TimestampFormat } from './shape.ts'

export type ShapeReader = (schema: unknown) => Shape

type SchemaRef = Parameters<typeof NormalizedSchema.of>[0]

/** The trailing number of a struct schema counts the leading members that are required; absent means none. */
const REQUIRED_COUNT = 6
const TIMESTAMP_FORMATS: Readonly<Record<number, TimestampFormat>> = {
  5: 'date-time',
  6: 'http-date',
  7: 'epoch-seconds',
}

/** Shapes are remembered per reader, so that each service's overlay stays with its own members. */
export function createShapeReader(overlay: Overlay | undefined): ShapeReader {
  const structured = new WeakMap<object, Shape>()

  function read(schema: NormalizedSchema): Shape {
    const source = schema.getSchema()
    if (typeof source !== 'object') return readSchema(schema, source)
    const known = structured.get(source)
    if (known) return known
    const shape = readSchema(schema, source)
    structured.set(source, shape)
    return shape
  }

  function readSchema(schema: NormalizedSchema, source: unknown): Shape {
    const name = schema.getName() ?? ''
    const sparse = Boolean(schema.getOwnTraits().sparse)
    if (schema.isUnitSchema()) return { kind: 'unit', name }
    if (schema.isStructSchema()) {
      const kind = schema.isUnionSchema() ? 'union' : 'structure'
      return lazily({ kind, name }, 'members', () => readMembers(schema, source, name))
    }
    if (schema.isListSchema()) {
      return lazily({ kind: 'list', name, sparse } as const, 'item', () =>
        memberOf('member', schema.getValueSchema(), {}),
      )
    }
    if (schema.isMapSchema()) {
      const key = memberOf('key', schema.getKeySchema(), { required: true })
      return lazily({ kind: 'map', name, sparse, key } as const, 'value', () =>
        memberOf('value', schema.getValueSchema(), {}),
      )
    }
    if (schema.isTimestampSchema()) return { kind: 'timestamp', name, format: TIMESTAMP_FORMATS[Number(source)] }
    if (schema.isDocumentSchema()) return { kind: 'document', name }
    return { kind: scalarKindOf(schema), name }
  }

  function readMembers(schema: NormalizedSchema, source: unknown, name: string): readonly Member[] {
    const counted = Array.isArray(source) && !schema.isUnionSchema() ? source[REQUIRED_COUNT] : 0
    const requiredCount = typeof counted === 'number' ? counted : 0
    return [...schema.structIterator()].map(([memberName, member], index) =>
      memberOf(memberName, member, { required: index < requiredCount, owner: name }),
    )
  }

  function memberOf(name: string, schema: NormalizedSchema, of: { required?: boolean; owner?: string }): Member {
    const merged = schema.getMergedTraits()
    // The element of a list item or map entry may be named by the shape; a struct member only by its own trait.
    const xmlName = String((of.owner === undefined ? merged : schema.getMemberTraits()).xmlName ?? name)
    return lazily(
      {
        name,
        xmlName,
        xmlAlias: of.owner === undefined ? undefined : aliasOf(overlay, of.owner, name),
        ec2Name: String(merged.ec2QueryName ?? capitalised(String(merged.xmlName ?? name))),
        flattened: Boolean(merged.xmlFlattened),
        required: of.required === true,
        idempotencyToken: Boolean(merged.idempotencyToken),
        sensitive: Boolean(merged.sensitive),
        streaming: schema.isStreaming(),
        rule: of.owner === undefined ? undefined : ruleOf(overlay, of.owner, name),
      },
      'shape',
      () => read(schema),
    )
  }

  return schema => read(NormalizedSchema.of(schema as SchemaRef))
}

function scalarKindOf(schema: NormalizedSchema): ScalarKind {
  if (schema.isStringSchema()) return 'string'
  if (schema.isNumericSchema()) return 'number'
  if (schema.isBooleanSchema()) return 'boolean'
  if (schema.isBlobSchema()) return 'blob'
  if (schema.isBigIntegerSchema()) return 'bigInteger'
  if (schema.isBigDecimalSchema()) return 'bigDecimal'
  throw new Error(`unknown schema ${String(schema.getName())}`)
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** Adds a property that is computed when first read, so that shapes can refer to themselves. */
function lazily<Base extends object, Key extends string, Value>(
  base: Base,
  key: Key,
  compute: () => Value,
): Base & Readonly<Record<Key, Value>> {
  let value: { readonly of: Value } | undefined
  const get = () => (value ??= { of: compute() }).of
  return Object.defineProperty(base, key, { get, enumerable: true }) as Base & Readonly<Record<Key, Value>>
}
