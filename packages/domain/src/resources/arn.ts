/** Amazon resource names: `arn:aws:<service>:<region>:<account>:<type>:<name>`, seven components for ElastiCache. */
export type Arn = string & { readonly brand: 'Arn' }

/** A region of one account: the namespace in which customers' names are unique. */
export interface Scope {
  readonly account: string
  readonly region: string
}

/** ElastiCache's resource types as they stand in an ARN. */
export type ArnType =
  | 'cluster'
  | 'replicationgroup'
  | 'subnetgroup'
  | 'parametergroup'
  | 'securitygroup'
  | 'snapshot'
  | 'user'
  | 'usergroup'
  | 'serverlesscache'
  | 'serverlesscachesnapshot'
  | 'reserved-instance'

export interface ParsedArn extends Scope {
  readonly partition: string
  readonly service: string
  readonly type: string
  readonly name: string
}

export const elasticacheArn = (scope: Scope, type: ArnType, name: string): Arn =>
  `arn:aws:elasticache:${scope.region}:${scope.account}:${type}:${name}` as Arn

/** The parts of an ARN, or undefined when the text does not have seven components. */
export function parseArn(text: string): ParsedArn | undefined {
  const [arn, partition, service, region, account, type, name, ...rest] = text.split(':')
  if (arn !== 'arn' || rest.length > 0) return undefined
  if (!partition || !service || region === undefined || account === undefined || !type || !name) return undefined
  return { partition, service, region, account, type, name }
}
