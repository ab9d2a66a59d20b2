import { describe, expect, it } from 'vitest'
import { judge, type Policy, readPolicy, type Verdict } from './policy.ts'

const group = (name: string, region = 'us-east-1') =>
  `arn:aws:elasticache:${region}:000000000000:replicationgroup:${name}`

function policyOf(...statements: readonly object[]): Policy {
  const read = readPolicy(JSON.stringify({ Version: '2012-10-17', Statement: statements }))
  if ('problem' in read) throw new Error(read.problem)
  return read.policy
}

const allow = (Action: unknown, Resource: unknown = '*') => ({ Effect: 'Allow', Action, Resource })
const deny = (Action: unknown, Resource: unknown = '*') => ({ Effect: 'Deny', Action, Resource })

describe('a policy', () => {
  it.each<[string, readonly object[], string, string, Verdict]>([
    ['allows what it names', [allow('elasticache:DescribeEvents')], 'elasticache:DescribeEvents', '*', 'allowed'],
    ['denies what nothing allows', [allow('ec2:*')], 'elasticache:DescribeEvents', '*', 'implicit-deny'],
    ['knows actions in any case', [allow('ElastiCache:describeevents')], 'elasticache:DescribeEvents', '*', 'allowed'],
    ['knows * at the end', [allow('elasticache:Describe*')], 'elasticache:DescribeUsers', '*', 'allowed'],
    ['knows * within', [allow('elasticache:*Group')], 'elasticache:DeleteUserGroup', '*', 'allowed'],
    ['knows * of a whole service only', [allow('elasticache:*')], 'ec2:DescribeVpcs', '*', 'implicit-deny'],
    ['knows ?', [allow('ec2:DescribeVpc?')], 'ec2:DescribeVpcs', '*', 'allowed'],
    ['wants exactly one for ?', [allow('ec2:DescribeVpc??')], 'ec2:DescribeVpcs', '*', 'implicit-deny'],
    ['allows everything by *', [allow('*')], 'logs:CreateLogGroup', group('a'), 'allowed'],
    ['lets a deny win', [allow('*'), deny('elasticache:Delete*')], 'elasticache:DeleteUser', '*', 'explicit-deny'],
    ['lets a deny win in any order', [deny('*', group('p')), allow('*')], 'elasticache:X', group('p'), 'explicit-deny'],
    ['keeps a deny to its resource', [allow('*'), deny('*', group('p'))], 'elasticache:X', group('q'), 'allowed'],
    ['allows resources by name', [allow('*', group('app-*'))], 'elasticache:X', group('app-1'), 'allowed'],
    ['and no others', [allow('*', group('app-*'))], 'elasticache:X', group('prod'), 'implicit-deny'],
    ['takes a list for all of it', [allow('*', group('app-*'))], 'elasticache:X', group('*'), 'implicit-deny'],
    ['and where all are allowed', [allow('*', group('*'))], 'elasticache:X', group('*'), 'allowed'],
    ['needs * for no resource', [allow('*', group('*'))], 'elasticache:X', '*', 'implicit-deny'],
    ['knows * for a region', [allow('*', group('a', '*'))], 'elasticache:X', group('a', 'eu-west-1'), 'allowed'],
    ['keeps a wildcard within its part', [allow('*', 'arn:*:a')], 'elasticache:X', group('a'), 'implicit-deny'],
    ['completes an ARN that ends early', [allow('*', 'arn:aws:elasticache')], 'x:X', group('a'), 'allowed'],
    ['is not fooled by a longer name', [allow('*', group('app'))], 'elasticache:X', group('app2'), 'implicit-deny'],
    ['takes several of each', [allow(['a:b', 'a:c'], [group('x'), group('y')])], 'a:c', group('y'), 'allowed'],
    ['knows NotAction', [{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }], 'ec2:X', '*', 'allowed'],
    ['and what it leaves', [{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }], 'iam:X', '*', 'implicit-deny'],
    [
      'knows NotResource',
      [allow('*'), { Effect: 'Deny', Action: '*', NotResource: group('mine') }],
      'a:b',
      group('o'),
      'explicit-deny',
    ],
    [
      'and what it spares',
      [allow('*'), { Effect: 'Deny', Action: '*', NotResource: group('mine') }],
      'a:b',
      group('mine'),
      'allowed',
    ],
  ])('%s', (_, statements, action, resource, verdict) => {
    expect(judge(policyOf(...statements), { action, resource })).toBe(verdict)
  })

  it('is judged quickly whatever its stars', () => {
    const policy = policyOf(allow(`a:${'*a'.repeat(40)}*b`))
    expect(judge(policy, { action: `a:${'a'.repeat(5_000)}`, resource: '*' })).toBe('implicit-deny')
  })

  it('may have one statement without a list, with Sid and Id', () => {
    const text = JSON.stringify({ Id: 'x', Statement: { Sid: 'One', ...allow('a:b') } })
    expect(readPolicy(text)).toEqual({
      policy: {
        statements: [
          { effect: 'Allow', actions: ['a:b'], otherActions: false, resources: ['*'], otherResources: false },
        ],
      },
    })
  })
})

describe('a document that is not understood whole is refused', () => {
  const one = (statement: object) => JSON.stringify({ Statement: [statement] })
  it.each([
    ['no JSON', '{', /not valid JSON/],
    ['no object', '[]', /should be a JSON object/],
    ['no statement', '{}', /no Statement/],
    ['an unknown version', '{"Version":"2020-01-01","Statement":[]}', /Version should be 2012-10-17/],
    ['a condition', one({ ...allow('a:b'), Condition: {} }), /Statement 1: Condition is not built/],
    ['a principal', one({ ...allow('a:b'), Principal: '*' }), /Principal is not built/],
    ['another effect', one({ ...allow('a:b'), Effect: 'allow' }), /Effect should be Allow or Deny/],
    ['no action', one({ Effect: 'Allow', Resource: '*' }), /either Action or NotAction/],
    ['both kinds of resource', one({ ...allow('a:b'), NotResource: '*' }), /either Resource or NotResource/],
    ['an empty list', one(allow([])), /a text or a list of texts/],
    ['an action without service', one(allow('Describe*')), /is no action/],
    ['a resource that is no ARN', one(allow('a:b', 'my-group')), /neither \* nor an ARN/],
    ['a variable', one(allow('a:b', `${group('')}$\{aws:username}`)), /variables are not built/],
    ['too long a text', one(allow(Array.from({ length: 500 }, () => 'a:bcd'))), /at most 2048 characters/],
  ])('%s', (_, text, problem) => {
    expect(readPolicy(text)).toEqual({ problem: expect.stringMatching(problem) })
  })
})
