/** Makes a VPC with its default security group. Its main route table and network ACL exist with it, by derivation. */
import { wireFault } from '@hotshelf/wire'
import type { Call } from '../../call.ts'
import { formatIpv4Block, parseIpv4Block } from '../cidr.ts'
import type { VpcDesired } from '../default-vpc.ts'
import { ec2Arn, newId } from '../ids.ts'
import type { Input, Operation } from '../operation.ts'
import { missing, notBuilt } from '../refusals.ts'
import { defaultGroup } from '../security-group/rule.ts'
import { securityGroups } from '../security-group/security-group.ts'
import { readSpecifications } from '../tag/tags.ts'
import { renderVpc } from './render.ts'
import { networkScope, vpcs } from './vpc.ts'

export const createVpc: Operation<'CreateVpc'> = async (input, call) => {
  const scope = await networkScope(call)
  const desired = toDesired(input)
  const tags = readSpecifications(input.TagSpecifications, 'vpc')
  const arn = ec2Arn(scope, 'vpc', desired.id)
  const group = defaultGroup(newId('sg'), desired.id, [newId('sgr'), newId('sgr')])
  return call.store.transaction(async store => {
    const row = await vpcs(store).insert({ ...scope, ...made(call), arn, name: desired.id, desired })
    const groupArn = ec2Arn(scope, 'security-group', group.id)
    await securityGroups(store).insert({ ...scope, ...made(call), arn: groupArn, name: group.id, desired: group })
    await store.tags.set(arn, tags)
    return { Vpc: renderVpc({ row, tags }) }
  })
}

const made = (call: Call) => ({ createdAt: call.now() })

function toDesired(input: Input<'CreateVpc'>): VpcDesired {
  if (input.AmazonProvidedIpv6CidrBlock === true || input.Ipv6CidrBlock !== undefined) throw notBuilt('IPv6 in a VPC')
  if (input.Ipv4IpamPoolId !== undefined) throw notBuilt('IPAM')
  if (input.CidrBlock === undefined) throw missing('cidrBlock')
  return {
    id: newId('vpc'),
    cidrBlock: readBlock(input.CidrBlock),
    isDefault: false,
    dnsSupport: true,
    dnsHostnames: false,
    addressUsageMetrics: false,
    tenancy: input.InstanceTenancy === 'dedicated' ? 'dedicated' : 'default',
  }
}

function readBlock(text: string): string {
  const block = parseIpv4Block(text)
  if (!block) {
    throw wireFault(
      'InvalidParameterValue',
      `Value (${text}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`,
    )
  }
  if (block.length < 16 || block.length > 28) throw wireFault('InvalidVpc.Range', `The CIDR '${text}' is invalid.`)
  return formatIpv4Block(block)
}
