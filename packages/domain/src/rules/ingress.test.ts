import { describe, expect, it } from 'vitest'
import type { RuleContent, SecurityGroupDesired } from '../resources/security-group.ts'
import { admittedSources, parseMembers } from './ingress.ts'

const all = {
  direction: 'ingress',
  protocol: '-1',
  fromPort: undefined,
  toPort: undefined,
  description: undefined,
} as const
const from = (value: string, more: Partial<RuleContent> = {}): RuleContent => ({
  ...all,
  protocol: 'tcp',
  fromPort: 6379,
  toPort: 6379,
  peer: { kind: 'ipv4', value },
  ...more,
})
const group = (id: string, rules: readonly RuleContent[], groupName = id): SecurityGroupDesired => ({
  id,
  groupName,
  description: '',
  vpcId: 'vpc',
  rules: rules.map((rule, index) => ({ ...rule, id: `${id} ${index}` })),
})
const admitted = (...rules: readonly RuleContent[]) => admittedSources([group('sg-1', rules)], 6379, [])

describe('sources that security groups let in', () => {
  it('are nobody without a rule, and the sum of all rules of all groups', () => {
    expect(admitted()).toEqual([])
    const groups = [group('sg-1', [from('10.0.0.0/8')]), group('sg-2', [from('10.0.0.0/8'), from('127.0.0.2/32')])]
    expect(admittedSources(groups, 6379, [])).toEqual(['10.0.0.0/8', '127.0.0.2/32'])
  })

  it('are those of rules for TCP on this port and into the cache', () => {
    const rules = [
      from('10.0.0.1/32', { fromPort: 6380, toPort: 6390 }),
      from('10.0.0.2/32', { fromPort: 0, toPort: 65_535 }),
      from('10.0.0.3/32', { protocol: 'udp' }),
      from('10.0.0.4/32', { protocol: 'icmp', fromPort: -1, toPort: -1 }),
      from('10.0.0.5/32', { direction: 'egress' }),
      { ...all, peer: { kind: 'ipv4', value: '10.0.0.6/32' } } as const,
      from('::/0', { peer: { kind: 'ipv6', value: '::/0' } }),
      from('pl-1', { peer: { kind: 'prefix-list', value: 'pl-1' } }),
    ]
    expect(admitted(...rules)).toEqual(['10.0.0.2/32', '10.0.0.6/32'])
  })

  it('are the members of a group that a rule names: by its tag, and this machine for the default group', () => {
    const rule = (id: string) => ({ ...all, peer: { kind: 'group', value: id } }) as const
    const members = (id: string, groupName: string, value?: string) => ({
      group: { id, groupName },
      tags: value === undefined ? [] : [{ key: 'hotshelf:members', value }],
    })
    const of = (...known: Parameters<typeof admittedSources>[2]) =>
      admittedSources([group('sg-1', [rule('sg-app')])], 6379, known)
    expect(of()).toEqual([])
    expect(of(members('sg-app', 'app'))).toEqual([])
    expect(of(members('sg-app', 'app', '10.2.0.0/16, 10.1.0.0/16'))).toEqual(['10.1.0.0/16', '10.2.0.0/16'])
    expect(of(members('sg-app', 'default'))).toEqual(['127.0.0.0/8'])
    expect(of(members('sg-app', 'default', '10.1.0.0/16'))).toEqual(['10.1.0.0/16'])
    expect(of(members('sg-app', 'default', 'everybody'))).toEqual([])
  })
})

it.each([
  ['', []],
  ['10.0.0.0/8', ['10.0.0.0/8']],
  [' 10.0.0.0/8,127.0.0.1/32\t0.0.0.0/0 ', ['10.0.0.0/8', '127.0.0.1/32', '0.0.0.0/0']],
  ['10.0.0.0', undefined],
  ['10.0.0.0/33', undefined],
  ['10.0.0.256/8', undefined],
  ['10.0.0/8', undefined],
  ['010.0.0.0/8', undefined],
  ['::/0', undefined],
])('members %j', (text, blocks) => {
  expect(parseMembers(text)).toEqual(blocks)
})
