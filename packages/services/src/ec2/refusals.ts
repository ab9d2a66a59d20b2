/**
 * EC2's refusals. Its model declares no errors, so the codes stand here; all are the customer's and answered with 400.
 * Tools decide by code: Terraform takes `InvalidGroup.NotFound` as gone and tries again on `DependencyViolation`.
 */
import { type WireFault, wireFault } from '@hotshelf/wire'

export const invalidValue = (message: string): WireFault => wireFault('InvalidParameterValue', message)

export const missing = (parameter: string): WireFault =>
  wireFault('MissingParameter', `The request must contain the parameter ${parameter}`)

export const dependency = (message: string): WireFault => wireFault('DependencyViolation', message)

/** AWS would do it; never a success that does nothing. */
export const notBuilt = (what: string): WireFault =>
  wireFault('UnsupportedOperation', `${what} is not built in Hotshelf yet.`)

const kinds = {
  vpc: { code: 'InvalidVpcID', words: 'vpc ID', prefix: 'vpc-' },
  subnet: { code: 'InvalidSubnetID', words: 'subnet ID', prefix: 'subnet-' },
  'security-group': { code: 'InvalidGroup', words: 'security group', prefix: 'sg-' },
  'security-group-rule': { code: 'InvalidSecurityGroupRuleId', words: 'security group rule ID', prefix: 'sgr-' },
} as const

export type IdKind = keyof typeof kinds

/** As AWS words it: "The vpc ID 'vpc-1' does not exist", "The security groups 'sg-1, sg-2' do not exist". */
export function notFound(kind: IdKind, ids: readonly string[]): WireFault {
  const { code, words } = kinds[kind]
  const [subject, verb] = ids.length === 1 ? [words, 'does'] : [`${words}s`, 'do']
  return wireFault(`${code}.NotFound`, `The ${subject} '${ids.join(', ')}' ${verb} not exist`)
}

/** Which kind of thing an id names, by its prefix. */
export const kindOf = (id: string): IdKind | undefined =>
  (Object.keys(kinds) as IdKind[]).find(kind => id.startsWith(kinds[kind].prefix))
