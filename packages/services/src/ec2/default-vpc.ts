/**
 * The default VPC that every account has in every region: 172.31.0.0/16 with one /20 subnet per availability zone and
 * a security group of its own.
 * Made on first use, once: a fact in the store keeps a customer's deletion of it final. Its ids are a digest of account,
 * region and place, so that configurations which name them survive a fresh data directory.
 */
import type { Scope, Store } from '@hotshelf/domain'
import { defaultZones } from '../call.ts'
import { ec2Arn, stableId } from './ids.ts'
import { defaultGroup, type SecurityGroupDesired } from './security-group/rule.ts'

export interface VpcDesired {
  readonly id: string
  readonly cidrBlock: string
  readonly isDefault: boolean
  readonly dnsSupport: boolean
  readonly dnsHostnames: boolean
  readonly addressUsageMetrics: boolean
  readonly tenancy: 'default' | 'dedicated'
}

export interface SubnetDesired {
  readonly id: string
  readonly vpcId: string
  readonly cidrBlock: string
  readonly availabilityZone: string
  /** True for the subnets of the default VPC. */
  readonly defaultForAz: boolean
  /** No when absent. */
  readonly mapPublicIpOnLaunch?: boolean
}

export const defaultVpcId = (scope: Scope): string => stableId('vpc', scope, 'default')

export async function ensureDefaultVpc(
  store: Store,
  scope: Scope,
  zones: readonly string[] = defaultZones(scope.region),
): Promise<void> {
  const fact = `default-vpc/${scope.account}/${scope.region}`
  if (await store.facts.get(fact)) return
  await store.transaction(async inside => {
    if (await inside.facts.get(fact)) return
    const createdAt = new Date()
    const vpc = defaultVpc(scope)
    await inside
      .repository<VpcDesired>('vpc')
      .insert({ ...scope, arn: ec2Arn(scope, 'vpc', vpc.id), name: vpc.id, desired: vpc, createdAt })
    const group = defaultSecurityGroup(scope, vpc.id)
    const arn = ec2Arn(scope, 'security-group', group.id)
    await inside
      .repository<SecurityGroupDesired>('security-group')
      .insert({ ...scope, arn, name: group.id, desired: group, createdAt })
    const subnets = inside.repository<SubnetDesired>('subnet')
    for (const subnet of defaultSubnets(scope, vpc.id, zones)) {
      const arn = ec2Arn(scope, 'subnet', subnet.id)
      await subnets.insert({ ...scope, arn, name: subnet.id, desired: subnet, createdAt })
    }
    await inside.facts.put(fact, createdAt.toISOString())
  })
}

/** AWS turns host names on for the default VPC only. */
const defaultVpc = (scope: Scope): VpcDesired => ({
  id: defaultVpcId(scope),
  cidrBlock: '172.31.0.0/16',
  isDefault: true,
  dnsSupport: true,
  dnsHostnames: true,
  addressUsageMetrics: false,
  tenancy: 'default',
})

const defaultSecurityGroup = (scope: Scope, vpcId: string): SecurityGroupDesired =>
  defaultGroup(stableId('sg', scope, 'default'), vpcId, [
    stableId('sgr', scope, 'default ingress'),
    stableId('sgr', scope, 'default egress'),
  ])

/** `172.31.0.0/20`, `172.31.16.0/20`, …: a /16 has room for sixteen. */
export const defaultSubnets = (scope: Scope, vpcId: string, zones: readonly string[]): readonly SubnetDesired[] =>
  zones.slice(0, 16).map((availabilityZone, position) => ({
    id: stableId('subnet', scope, availabilityZone),
    vpcId,
    cidrBlock: `172.31.${position * 16}.0/20`,
    availabilityZone,
    defaultForAz: true,
    mapPublicIpOnLaunch: true,
  }))
