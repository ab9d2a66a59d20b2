/**
 * The default VPC that every account has in every region: 172.31.0.0/16 with one /20 subnet per availability zone.
 * Made on first use, once: a fact in the store keeps a customer's deletion of it final. Its ids are a digest of account,
 * region and place, so that configurations which name them survive a fresh data directory.
 */
import { createHash } from 'node:crypto'
import type { Arn, Scope, Store } from '@hotshelf/domain'
import { defaultZones } from '../call.ts'

export interface VpcDesired {
  readonly id: string
  readonly cidrBlock: string
  readonly isDefault: boolean
}

export interface SubnetDesired {
  readonly id: string
  readonly vpcId: string
  readonly cidrBlock: string
  readonly availabilityZone: string
  /** True for the subnets of the default VPC. */
  readonly defaultForAz: boolean
}

export const ec2Arn = (scope: Scope, type: 'vpc' | 'subnet' | 'security-group', id: string): Arn =>
  `arn:aws:ec2:${scope.region}:${scope.account}:${type}/${id}` as Arn

/** `vpc-` and seventeen hexadecimal digits, as EC2 writes ids. */
export const stableId = (prefix: 'vpc' | 'subnet' | 'sg', scope: Scope, place: string): string =>
  `${prefix}-0${createHash('sha256').update(`${scope.account} ${scope.region} ${place}`).digest('hex').slice(0, 16)}`

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
    const vpc: VpcDesired = { id: defaultVpcId(scope), cidrBlock: '172.31.0.0/16', isDefault: true }
    await inside
      .repository<VpcDesired>('vpc')
      .insert({ ...scope, arn: ec2Arn(scope, 'vpc', vpc.id), name: vpc.id, desired: vpc, createdAt })
    const subnets = inside.repository<SubnetDesired>('subnet')
    for (const subnet of defaultSubnets(scope, vpc.id, zones)) {
      const arn = ec2Arn(scope, 'subnet', subnet.id)
      await subnets.insert({ ...scope, arn, name: subnet.id, desired: subnet, createdAt })
    }
    await inside.facts.put(fact, createdAt.toISOString())
  })
}

/** `172.31.0.0/20`, `172.31.16.0/20`, …: a /16 has room for sixteen. */
export const defaultSubnets = (scope: Scope, vpcId: string, zones: readonly string[]): readonly SubnetDesired[] =>
  zones.slice(0, 16).map((availabilityZone, position) => ({
    id: stableId('subnet', scope, availabilityZone),
    vpcId,
    cidrBlock: `172.31.${position * 16}.0/20`,
    availabilityZone,
    defaultForAz: true,
  }))
