/**
 * A tree of form parameters → the input a shape describes, for Query and for its EC2 dialect.
 * Lists are taken in every spelling that AWS takes: under the model's item name, under `member`, and flattened.
 * Depth is bounded by the tree, whose depth `parseForm` has bounded.
 */
import { wireFault, type WireFault } from '../../fault.ts'
import type { ListShape, MapShape, Member, Shape, StructureShape } from '../../schema/shape.ts'
import { numbered, type FormNode } from '../form.ts'
import { readBase64, readBoolean, readNumber, readTimestamp } from '../scalars.ts'

export type FormNames = 'query' | 'ec2'

export function readForm(shape: Shape, node: FormNode, names: FormNames): object {
  return shape.kind === 'structure' || shape.kind === 'union' ? readStructure(shape, node, names) : {}
}

function readStructure(shape: StructureShape, node: FormNode, names: FormNames): object {
  const structure: Record<string, unknown> = {}
  for (const member of shape.members) {
    const child = node.children.get(names === 'ec2' ? member.ec2Name : member.xmlName)
    if (!child) continue
    const value = readMember(member, child, names)
    if (value !== undefined) structure[member.name] = value
  }
  return structure
}

function readMember(member: Member, node: FormNode, names: FormNames): unknown {
  const { shape } = member
  switch (shape.kind) {
    case 'structure':
    case 'union':
      if (node.children.size === 0 && node.value) throw malformed('Unexpected complex element termination')
      return readStructure(shape, node, names)
    case 'list':
      return readList(shape, node, names)
    case 'map':
      return readMap(shape, node, names)
    case 'unit':
      return {}
    default:
      if (node.value === undefined) throw malformed('Start of structure or map found where not expected.')
      return readScalar(shape, node.value)
  }
}

/** `Name=` is how Query spells an empty list. */
function readList(shape: ListShape, node: FormNode, names: FormNames): unknown[] {
  if (node.children.size === 0 && node.value) throw malformed('Top level element may not be treated as a list')
  const item = shape.item
  const wrapped = node.children.get(item.xmlName) ?? node.children.get('member')
  const items = wrapped && wrapped.children.size > 0 ? numbered(wrapped) : numbered(node)
  return items.map(child => readMember(item, child, names))
}

function readMap(shape: MapShape, node: FormNode, names: FormNames): object {
  const map: Record<string, unknown> = {}
  for (const entry of numbered(node.children.get('entry') ?? node)) {
    const key = entry.children.get(shape.key.xmlName)?.value
    const value = entry.children.get(shape.value.xmlName)
    if (key === undefined) throw malformed('A map entry has no key')
    if (value) define(map, key, readMember(shape.value, value, names))
  }
  return map
}

function readScalar(shape: Shape, text: string): unknown {
  switch (shape.kind) {
    case 'boolean':
      return readBoolean(text) ?? refuse('boolean must follow xsd1.1 definition')
    case 'number':
      return readNumber(text) ?? refuse('STRING_VALUE can not be converted to a Number')
    case 'timestamp':
      return readTimestamp(text) ?? refuse('timestamp must follow ISO8601')
    case 'blob':
      return readBase64(text) ?? refuse('blob must be base64 encoded')
    case 'bigInteger':
      return /^-?\d{1,1000}$/.test(text) ? BigInt(text) : refuse('STRING_VALUE can not be converted to a BigInteger')
    default:
      return text
  }
}

/** Sets an own property whatever the key is called. */
function define(map: object, key: string, value: unknown): void {
  Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true })
}

function malformed(message: string): WireFault {
  return wireFault('MalformedInput', message)
}

function refuse(message: string): never {
  throw malformed(message)
}
