/** A subnet group as AWS shows it. */
import type { CacheSubnetGroup } from '@aws-sdk/client-elasticache'
import type { Row, SubnetGroupDesired } from '@hotshelf/domain'

export const renderSubnetGroup = ({ arn, desired }: Row<SubnetGroupDesired>): CacheSubnetGroup => ({
  CacheSubnetGroupName: desired.name,
  CacheSubnetGroupDescription: desired.description,
  VpcId: desired.vpcId,
  Subnets: desired.subnets.map(subnet => ({
    SubnetIdentifier: subnet.id,
    SubnetAvailabilityZone: { Name: subnet.availabilityZone },
    SupportedNetworkTypes: ['ipv4'],
  })),
  ARN: arn,
  SupportedNetworkTypes: ['ipv4'],
})
