/**
 * Values → XML, one compiled writer per shape: the only place that writes or escapes XML.
 * XML 1.0 cannot carry most control characters or lone surrogates, not even as references; they become U+FFFD.
 */
import { isStructure, type MapShape, type Member, type Shape, type StructureShape } from '../schema/shape.ts'
import { writeBase64, writeTimestamp } from './scalars.ts'

export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

/** Line ends are written as references: a reader may fold or drop them otherwise. */
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
  '\n': '&#xA;',
}
const NEEDS_ESCAPE = /[&<>"\r\n]/
const ALL_ESCAPED = /[&<>"\r\n]/g
const LONE_SURROGATE = '[\\uD800-\\uDBFF](?![\\uDC00-\\uDFFF])|(?<![\\uD800-\\uDBFF])[\\uDC00-\\uDFFF]'
const FORBIDDEN = `[\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\uFFFE\\uFFFF]|${LONE_SURROGATE}`
const HAS_FORBIDDEN = new RegExp(FORBIDDEN)
const ALL_FORBIDDEN = new RegExp(FORBIDDEN, 'g')

export function escapeXml(text: string): string {
  const sayable = HAS_FORBIDDEN.test(text) ? text.replace(ALL_FORBIDDEN, '\uFFFD') : text
  return NEEDS_ESCAPE.test(sayable) ? sayable.replace(ALL_ESCAPED, found => ESCAPES[found] ?? found) : sayable
}

type Writer = (value: unknown) => string

const bodies = new WeakMap<Shape, Writer>()

/** The inside of the element that holds a value of this shape. */
export function writeXmlBody(shape: Shape, value: unknown): string {
  return bodyWriter(shape)(value)
}

/** Compiled on first call, not on first mention, because shapes can contain themselves. */
function bodyWriter(shape: Shape): Writer {
  const known = bodies.get(shape)
  if (known) return known
  let compiled: Writer | undefined
  const writer: Writer = value => (compiled ??= compile(shape))(value)
  bodies.set(shape, writer)
  return writer
}

function compile(shape: Shape): Writer {
  if (isStructure(shape)) return structureWriter(shape)
  switch (shape.kind) {
    case 'list': {
      const write = memberWriter(shape.item)
      return value => writeItems(value as readonly unknown[], write)
    }
    case 'map': {
      const write = entryWriter(shape)
      return value => writeEntries(value as object, (key, item) => `<entry>${write(key, item)}</entry>`)
    }
    case 'blob':
      return value => writeBase64(value as Uint8Array | string)
    case 'timestamp':
      return value => writeTimestamp(value as Date, shape.format ?? 'date-time')
    case 'unit':
      return () => ''
    default:
      return value => escapeXml(String(value))
  }
}

/** The members that are there, in the order of the model. */
function structureWriter(shape: StructureShape): Writer {
  const members = shape.members.map(member => ({ name: member.name, write: memberWriter(member) }))
  return value => {
    let written = ''
    for (const { name, write } of members) {
      const item = (value as Readonly<Record<string, unknown>>)[name]
      if (isPresent(item)) written += write(item)
    }
    return written
  }
}

/** Writers of members are made late for the same reason as those of bodies. */
function memberWriter(member: Member): Writer {
  let made: Writer | undefined
  return value => (made ??= makeMemberWriter(member))(value)
}

function makeMemberWriter(member: Member): Writer {
  const write = elementWriter(member, member.xmlName)
  if (member.xmlAlias === undefined) return write
  const writeAlias = elementWriter(member, member.xmlAlias)
  return value => write(value) + writeAlias(value)
}

function elementWriter(member: Member, tag: string): Writer {
  const { shape } = member
  const element = (body: string) => (body === '' ? `<${tag}/>` : `<${tag}>${body}</${tag}>`)
  if (member.flattened && shape.kind === 'list') {
    const write = elementWriter(shape.item, tag)
    return value => writeItems(value as readonly unknown[], write)
  }
  if (member.flattened && shape.kind === 'map') {
    const write = entryWriter(shape)
    return value => writeEntries(value as object, (key, item) => element(write(key, item)))
  }
  const body = bodyWriter(shape)
  return value => element(body(value))
}

function entryWriter(shape: MapShape): (key: string, value: unknown) => string {
  const tag = shape.key.xmlName
  const write = memberWriter(shape.value)
  return (key, value) => `<${tag}>${escapeXml(key)}</${tag}>${write(value)}`
}

function writeItems(items: readonly unknown[], write: Writer): string {
  let written = ''
  for (const item of items) if (isPresent(item)) written += write(item)
  return written
}

function writeEntries(map: object, write: (key: string, value: unknown) => string): string {
  let written = ''
  for (const [key, item] of Object.entries(map)) if (isPresent(item)) written += write(key, item)
  return written
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null
}
