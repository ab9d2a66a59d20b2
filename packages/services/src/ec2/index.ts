/**
 * EC2's networks, as far as caches and the tools that make them ask: VPCs, subnets, security groups, tags. They are
 * kept and checked; they move no packets.
 */
import { describeAvailabilityZones } from './availability-zone/describe-availability-zones.ts'
import { withDryRun } from './dry-run.ts'
import { describeNetworkAcls } from './network-acl/describe-network-acls.ts'
import { describeNetworkInterfaces } from './network-interface/describe-network-interfaces.ts'
import type { Ec2Operations } from './operation.ts'
import { describeRouteTables } from './route-table/describe-route-tables.ts'
import { authorizeSecurityGroupEgress, authorizeSecurityGroupIngress } from './security-group/authorize.ts'
import { createSecurityGroup } from './security-group/create-security-group.ts'
import { deleteSecurityGroup } from './security-group/delete-security-group.ts'
import { describeSecurityGroupRules } from './security-group/describe-security-group-rules.ts'
import { describeSecurityGroups } from './security-group/describe-security-groups.ts'
import { modifySecurityGroupRules } from './security-group/modify-security-group-rules.ts'
import { revokeSecurityGroupEgress, revokeSecurityGroupIngress } from './security-group/revoke.ts'
import { createSubnet } from './subnet/create-subnet.ts'
import { deleteSubnet } from './subnet/delete-subnet.ts'
import { describeSubnets } from './subnet/describe-subnets.ts'
import { modifySubnetAttribute } from './subnet/modify-subnet-attribute.ts'
import { createTags } from './tag/create-tags.ts'
import { deleteTags } from './tag/delete-tags.ts'
import { describeTags } from './tag/describe-tags.ts'
import { createVpc } from './vpc/create-vpc.ts'
import { deleteVpc } from './vpc/delete-vpc.ts'
import { describeVpcAttribute } from './vpc/describe-vpc-attribute.ts'
import { describeVpcs } from './vpc/describe-vpcs.ts'
import { modifyVpcAttribute } from './vpc/modify-vpc-attribute.ts'

const operations: Ec2Operations = {
  CreateVpc: createVpc,
  DeleteVpc: deleteVpc,
  DescribeVpcs: describeVpcs,
  DescribeVpcAttribute: describeVpcAttribute,
  ModifyVpcAttribute: modifyVpcAttribute,
  CreateSubnet: createSubnet,
  DeleteSubnet: deleteSubnet,
  DescribeSubnets: describeSubnets,
  ModifySubnetAttribute: modifySubnetAttribute,
  CreateSecurityGroup: createSecurityGroup,
  DeleteSecurityGroup: deleteSecurityGroup,
  DescribeSecurityGroups: describeSecurityGroups,
  DescribeSecurityGroupRules: describeSecurityGroupRules,
  AuthorizeSecurityGroupIngress: authorizeSecurityGroupIngress,
  AuthorizeSecurityGroupEgress: authorizeSecurityGroupEgress,
  RevokeSecurityGroupIngress: revokeSecurityGroupIngress,
  RevokeSecurityGroupEgress: revokeSecurityGroupEgress,
  ModifySecurityGroupRules: modifySecurityGroupRules,
  CreateTags: createTags,
  DeleteTags: deleteTags,
  DescribeTags: describeTags,
  DescribeAvailabilityZones: describeAvailabilityZones,
  DescribeRouteTables: describeRouteTables,
  DescribeNetworkAcls: describeNetworkAcls,
  DescribeNetworkInterfaces: describeNetworkInterfaces,
}

export const ec2 = withDryRun(operations)
