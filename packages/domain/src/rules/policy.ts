/**
 * Policies in IAM's shape, as far as they are understood here: Effect, Action or NotAction, Resource or NotResource.
 * An explicit deny wins over everything, and what nothing allows is denied. Whatever else a document holds is refused by
 * name: a condition that is read past would allow more than was written.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */

export interface PolicyStatement {
  readonly effect: 'Allow' | 'Deny'
  /** Patterns such as `elasticache:Describe*`. */
  readonly actions: readonly string[]
  /** True for NotAction: every action but these. */
  readonly otherActions: boolean
  /** Patterns of ARNs, or `*`. */
  readonly resources: readonly string[]
  /** True for NotResource. */
  readonly otherResources: boolean
}

export interface Policy {
  readonly statements: readonly PolicyStatement[]
}

/** `resource` is an ARN, also one with `*` for "all of them", or `*` where an operation has no resources. */
export interface AskedPermission {
  readonly action: string
  readonly resource: string
}

export type Verdict = 'allowed' | 'explicit-deny' | 'implicit-deny'

export function judge(policy: Policy, asked: AskedPermission): Verdict {
  const fitting = policy.statements.filter(statement => fits(statement, asked))
  if (fitting.some(({ effect }) => effect === 'Deny')) return 'explicit-deny'
  return fitting.length > 0 ? 'allowed' : 'implicit-deny'
}

function fits(statement: PolicyStatement, { action, resource }: AskedPermission): boolean {
  const named = action.toLowerCase()
  const acts = statement.actions.some(pattern => matches(pattern.toLowerCase(), named))
  if (acts === statement.otherActions) return false
  return statement.resources.some(pattern => coversResource(pattern, resource)) !== statement.otherResources
}

const arnParts = 6

/** A wildcard does not reach over a colon before the resource's own part; a pattern that ends early covers the rest. */
function coversResource(pattern: string, resource: string): boolean {
  if (/^\*+$/.test(pattern)) return true
  const wanted = arnSegments(pattern)
  const given = arnSegments(resource)
  return given.length === arnParts && given.every((segment, index) => matches(wanted[index] ?? '*', segment))
}

function arnSegments(arn: string): readonly string[] {
  const segments = arn.split(':')
  const head = segments.slice(0, arnParts - 1)
  return segments.length < arnParts ? head : [...head, segments.slice(arnParts - 1).join(':')]
}

/** `*` any characters, `?` exactly one. Linear in the text for each star, so that no pattern takes long. */
function matches(pattern: string, text: string): boolean {
  let [at, from] = [0, 0]
  let star = -1
  let starAt = 0
  while (at < text.length) {
    if (pattern[from] === '*') {
      star = from++
      starAt = at
    } else if (from < pattern.length && (pattern[from] === '?' || pattern[from] === text[at])) {
      from++
      at++
    } else if (star >= 0) {
      from = star + 1
      at = ++starAt
    } else return false
  }
  return /^\**$/.test(pattern.slice(from))
}

/** What is wrong with a document, as a sentence; or the policy. */
export type ReadPolicy = { readonly policy: Policy } | { readonly problem: string }

const versions = ['2012-10-17', '2008-10-17']
/** IAM's own bound for a policy of a user. */
const longest = 2048

/** From JSON text. */
export function readPolicy(text: string): ReadPolicy {
  if (text.replaceAll(/\s/g, '').length > longest)
    return { problem: `A policy has at most ${longest} characters besides white space.` }
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (error) {
    return { problem: `The policy is not valid JSON (${(error as Error).message}).` }
  }
  try {
    return { policy: readDocument(document) }
  } catch (error) {
    if (error instanceof Unfit) return { problem: error.message }
    throw error
  }
}

class Unfit extends Error {}

function readDocument(document: unknown): Policy {
  const { Version, Statement } = members(document, 'The policy', ['Version', 'Id', 'Statement'])
  if (Version !== undefined && !versions.includes(String(Version)))
    throw new Unfit(`Version should be ${versions[0]}, not ${JSON.stringify(Version)}.`)
  const statements = Array.isArray(Statement) ? Statement : Statement === undefined ? [] : [Statement]
  if (statements.length === 0) throw new Unfit('The policy has no Statement.')
  return { statements: statements.map((statement, index) => readStatement(statement, `Statement ${index + 1}`)) }
}

const statementMembers = ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource']

function readStatement(value: unknown, where: string): PolicyStatement {
  const statement = members(value, where, statementMembers)
  const { Effect } = statement
  if (Effect !== 'Allow' && Effect !== 'Deny') throw new Unfit(`${where}: Effect should be Allow or Deny.`)
  const [actions, otherActions] = eitherList(statement, 'Action', where)
  const [resources, otherResources] = eitherList(statement, 'Resource', where)
  for (const action of actions) {
    if (action !== '*' && !/^[a-z0-9-]+:[a-z0-9*?]+$/i.test(action))
      throw new Unfit(`${where}: ${JSON.stringify(action)} is no action; write it as elasticache:Describe*.`)
  }
  for (const resource of resources) {
    if (!/^(\*|arn:\S*)$/.test(resource))
      throw new Unfit(`${where}: ${JSON.stringify(resource)} is neither * nor an ARN.`)
    if (resource.includes('$')) throw new Unfit(`${where}: policy variables are not built in Hotshelf.`)
  }
  return { effect: Effect, actions, otherActions, resources, otherResources }
}

function members(value: unknown, where: string, known: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Unfit(`${where} should be a JSON object.`)
  const unknown = Object.keys(value).find(name => !known.includes(name))
  if (unknown !== undefined)
    throw new Unfit(`${where}: ${unknown} is not built in Hotshelf; there are ${known.join(', ')}.`)
  return value as Readonly<Record<string, unknown>>
}

function eitherList(
  statement: Readonly<Record<string, unknown>>,
  name: 'Action' | 'Resource',
  where: string,
): readonly [readonly string[], boolean] {
  const [plain, other] = [statement[name], statement[`Not${name}`]]
  if ((plain === undefined) === (other === undefined)) throw new Unfit(`${where}: say either ${name} or Not${name}.`)
  const value = plain ?? other
  const list: unknown[] = Array.isArray(value) ? value : [value]
  if (list.length === 0 || !list.every(item => typeof item === 'string' && item !== ''))
    throw new Unfit(`${where}: ${name} should be a text or a list of texts.`)
  return [list as string[], plain === undefined]
}
