/**
 * How AWS words the refusal of an input. Two families exist: one error for one parameter (MissingParameter,
 * InvalidParameterValue), and one error for all ("2 validation errors detected: …"). EC2 speaks the first with names
 * of its own. A number that is no integer never reaches AWS's validators: it fails as malformed input.
 */
import { wireFault, type WireFault } from '../fault.ts'
import type { Protocol } from '../message.ts'
import type { RefusalWording } from '../schema/service-model.ts'
import type { Path, Problem } from './problem.ts'

export function refusalOf(
  problems: readonly Problem[],
  wording: RefusalWording,
  protocol: Protocol,
): WireFault | undefined {
  const [first] = problems
  if (!first) return undefined
  const malformed = problems.find(problem => problem.kind === 'not-an-integer')
  if (malformed) return malformedNumber(malformed.wanted, protocol)
  return wording.style === 'constraint' ? constraintRefusal(problems, wording.code) : parameterRefusal(first, protocol)
}

function malformedNumber(wanted: 'int' | 'long', protocol: Protocol): WireFault {
  const isForm = protocol === 'query' || protocol === 'ec2'
  const type = wanted === 'int' ? 'an Integer' : 'a Long'
  const token = isForm ? 'STRING_VALUE' : 'NUMBER_VALUE'
  return wireFault(isForm ? 'MalformedInput' : 'SerializationException', `${token} can not be converted to ${type}`)
}

function parameterRefusal(problem: Problem, protocol: Protocol): WireFault {
  const name = protocol === 'ec2' ? ec2Name(problem.path) : parameterName(problem.path)
  if (problem.kind === 'has-nul') {
    return wireFault(
      'InvalidParameterValue',
      `The parameter ${name} contains a character that is not allowed (U+0000).`,
    )
  }
  if (problem.kind !== 'not-in-enum') {
    const end = protocol === 'ec2' ? '' : '.'
    return wireFault('MissingParameter', `The request must contain the parameter ${name}${end}`)
  }
  const valid = `Valid values are: ${problem.allowed.join(', ')}.`
  return wireFault('InvalidParameterValue', `Value (${problem.value}) for parameter ${name} is invalid. ${valid}`)
}

function constraintRefusal(problems: readonly Problem[], code: string): WireFault {
  const count = `${problems.length} validation error${problems.length === 1 ? '' : 's'} detected`
  return wireFault(code, `${count}: ${problems.map(constraint).join('; ')}`)
}

function constraint(problem: Problem): string {
  const failed = `at '${constraintName(problem.path)}' failed to satisfy constraint`
  if (problem.kind === 'has-nul') return `Value ${failed}: Member must not contain the character U+0000`
  if (problem.kind !== 'not-in-enum') return `Value null ${failed}: Member must not be null`
  return `Value '${problem.value}' ${failed}: Member must satisfy enum value set: [${problem.allowed.join(', ')}]`
}

/** As the parameter would be sent: `Tags.Tag.1.Key`, or `Tags.1.Key` where the list is flattened. */
function parameterName(path: Path): string {
  return path
    .filter((_, index) => !(isItem(path, index) && isFlattened(path[index - 1])))
    .map(step => (typeof step === 'object' ? step.xmlName : String(step)))
    .join('.')
}

/** `tagSpecification.1.resourceType`: items have no name of their own in EC2. */
function ec2Name(path: Path): string {
  return path
    .filter((_, index) => !isItem(path, index))
    .map(step => (typeof step === 'object' ? uncapitalised(step.ec2Name) : String(step)))
    .join('.')
}

/** `metricData.1.member.metricName`: the position comes before the word `member`. */
function constraintName(path: Path): string {
  return path
    .flatMap((step, index) => {
      if (isItem(path, index)) return []
      if (typeof step === 'number') return [String(step), 'member']
      return [typeof step === 'object' ? uncapitalised(step.name) : step]
    })
    .join('.')
}

function isItem(path: Path, index: number): boolean {
  return typeof path[index] === 'object' && typeof path[index + 1] === 'number'
}

function isFlattened(step: Path[number] | undefined): boolean {
  return typeof step === 'object' && step.flattened
}

function uncapitalised(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}
