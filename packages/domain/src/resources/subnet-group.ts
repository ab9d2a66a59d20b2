/** A subnet group: the subnets, and so the availability zones, that a cache may be placed in. */
export interface SubnetGroupDesired {
  readonly name: string
  readonly description: string
  readonly vpcId: string
  readonly subnets: readonly { readonly id: string; readonly availabilityZone: string }[]
}
