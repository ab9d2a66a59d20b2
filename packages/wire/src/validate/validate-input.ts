/**
 * What the model demands of an input beyond its types: required members, enum values, whole numbers.
 * Lists, maps and structures are not required in the form protocols: an empty one cannot be spelled there, so its
 * absence proves nothing.
 */
import type { Protocol } from '../message.ts'
import type { LoadedService, OperationModel } from '../schema/service-model.ts'
import { isAggregate, type LeafRule, type Member, type Shape } from '../schema/shape.ts'
import type { Path, Problem } from './problem.ts'
import { refusalOf } from './wording.ts'

interface Validation {
  readonly checksEnums: boolean
  readonly protocol: Protocol
  readonly problems: Problem[]
}

interface Target {
  readonly shape: Shape
  readonly rule: LeafRule | undefined
}

const nul = '\0'

/** AWS lists a few problems at most; a request can hold thousands. */
const MAX_PROBLEMS = 10

/** Throws the wire fault that the service would answer with. */
export function validateInput(
  service: LoadedService,
  operation: OperationModel,
  call: { readonly input: unknown; readonly protocol: Protocol },
): void {
  const { protocol } = call
  const validation: Validation = { checksEnums: service.checksEnums, protocol, problems: [] }
  visit({ shape: operation.input, rule: undefined }, call.input, [], validation)
  const refusal = refusalOf(validation.problems, service.refusals, protocol)
  if (refusal) throw refusal
}

function visit({ shape, rule }: Target, value: unknown, path: Path, validation: Validation): void {
  if (validation.problems.length >= MAX_PROBLEMS) return
  switch (shape.kind) {
    case 'structure':
    case 'union':
      for (const member of shape.members) visitMember(member, value as object, path, validation)
      return
    case 'list':
      for (const [index, item] of (value as readonly unknown[]).entries()) {
        if (item !== null) visit({ shape: shape.item.shape, rule }, item, [...path, shape.item, index + 1], validation)
      }
      return
    case 'map':
      for (const [key, item] of Object.entries(value as object)) {
        if (key.includes(nul)) validation.problems.push({ kind: 'has-nul', path: [...path, 'key'] })
        else if (item !== null) visit({ shape: shape.value.shape, rule }, item, [...path, key], validation)
      }
      return
    default:
      if (typeof value === 'string' && value.includes(nul)) validation.problems.push({ kind: 'has-nul', path })
      else if (rule) visitScalar(rule, value, path, validation)
  }
}

function visitMember(member: Member, structure: object, path: Path, validation: Validation): void {
  const value: unknown = Object.hasOwn(structure, member.name) ? Reflect.get(structure, member.name) : undefined
  if (value !== undefined) visit(member, value, [...path, member], validation)
  else if (isDemanded(member, validation.protocol)) {
    validation.problems.push({ kind: 'missing', path: [...path, member] })
  }
}

function isDemanded(member: Member, protocol: Protocol): boolean {
  if (!member.required) return false
  const isForm = protocol === 'query' || protocol === 'ec2'
  return !(isForm && isAggregate(member.shape))
}

function visitScalar(rule: LeafRule, value: unknown, path: Path, { problems, checksEnums }: Validation): void {
  if (rule.integer && typeof value === 'number' && !isInteger(value, rule.integer)) {
    problems.push({ kind: 'not-an-integer', path, wanted: rule.integer })
  }
  if (rule.values && checksEnums && typeof value === 'string' && !rule.values.includes(value)) {
    problems.push({ kind: 'not-in-enum', path, value, allowed: rule.values })
  }
}

function isInteger(value: number, size: 'int' | 'long'): boolean {
  if (!Number.isInteger(value)) return false
  return size === 'long' || (value >= -(2 ** 31) && value < 2 ** 31)
}
