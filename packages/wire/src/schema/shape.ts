/**
 * The shape of a value: what the rest of this kit knows about AWS's data, as plain objects.
 * Shapes may refer to themselves, so members and items are resolved on first use; never walk them without a bound.
 */

export type TimestampFormat = 'date-time' | 'http-date' | 'epoch-seconds'

/** A struct, or a union (a struct of which exactly one member is set). */
export interface StructureShape {
  readonly kind: 'structure' | 'union'
  readonly name: string
  readonly members: readonly Member[]
}

export interface ListShape {
  readonly kind: 'list'
  readonly name: string
  readonly item: Member
  /** Whether null items are kept. */
  readonly sparse: boolean
}

export interface MapShape {
  readonly kind: 'map'
  readonly name: string
  readonly key: Member
  readonly value: Member
  /** Whether null values are kept. */
  readonly sparse: boolean
}

export interface TimestampShape {
  readonly kind: 'timestamp'
  readonly name: string
  /** Where the model says so; otherwise each protocol has its own habit. */
  readonly format: TimestampFormat | undefined
}

export type ScalarKind = 'string' | 'number' | 'boolean' | 'blob' | 'bigInteger' | 'bigDecimal'

export interface ScalarShape {
  readonly kind: ScalarKind
  readonly name: string
}

/** Any JSON-like value. */
export interface DocumentShape {
  readonly kind: 'document'
  readonly name: string
}

/** No value at all: an operation without input, or without output. */
export interface UnitShape {
  readonly kind: 'unit'
  readonly name: string
}

export type Shape = StructureShape | ListShape | MapShape | TimestampShape | ScalarShape | DocumentShape | UnitShape

/** What the overlay knows about a member's scalar, or about the scalars inside its list or map. */
export interface LeafRule {
  /** The modelled enum; AWS adds values over time, so a service decides itself whether to hold callers to it. */
  readonly values?: readonly string[]
  readonly integer?: 'int' | 'long'
}

/** A member of a structure, the item of a list, or the key or value of a map. */
export interface Member {
  readonly name: string
  /** Element name in XML and parameter name in Query. */
  readonly xmlName: string
  /** A second element name under which some clients look for this member in XML. */
  readonly xmlAlias: string | undefined
  /** Parameter name in the EC2 dialect. */
  readonly ec2Name: string
  readonly shape: Shape
  /** A list or map written without its own wrapper element. */
  readonly flattened: boolean
  readonly required: boolean
  /** Clients fill it with a random value when the caller leaves it out. */
  readonly idempotencyToken: boolean
  readonly sensitive: boolean
  /** An event or byte stream; this kit does not serve operations that have one. */
  readonly streaming: boolean
  readonly rule: LeafRule | undefined
}

export function isStructure(shape: Shape): shape is StructureShape {
  return shape.kind === 'structure' || shape.kind === 'union'
}

/** Structures, lists and maps: the shapes that have something inside. */
export function isAggregate(shape: Shape): shape is StructureShape | ListShape | MapShape {
  return isStructure(shape) || shape.kind === 'list' || shape.kind === 'map'
}
