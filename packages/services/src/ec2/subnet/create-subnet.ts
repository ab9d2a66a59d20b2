/** Cuts a subnet from a VPC's addresses, in one availability zone. */
import type { Scope, Store } from '@hotshelf/domain'
import { wireFault } from '@hotshelf/wire'
import type { Call } from '../../call.ts'
import { contains, formatIpv4Block, type Ipv4Block, overlaps, parseIpv4Block } from '../cidr.ts'
import type { SubnetDesired } from '../default-vpc.ts'
import { ec2Arn, newId } from '../ids.ts'
import type { Input, Operation } from '../operation.ts'
import { invalidValue, missing, notBuilt } from '../refusals.ts'
import { readSpecifications } from '../tag/tags.ts'
import { networkScope, requireVpc, type VpcRow } from '../vpc/vpc.ts'
import { zonesWithIds } from '../zones.ts'
import { renderSubnet } from './render.ts'
import { subnets } from './subnet.ts'

export const createSubnet: Operation<'CreateSubnet'> = async (input, call) => {
  const scope = await networkScope(call)
  if (input.Ipv6CidrBlock !== undefined || input.Ipv6Native === true) throw notBuilt('IPv6 in a subnet')
  if (input.OutpostArn !== undefined) throw notBuilt('Outposts')
  if (input.CidrBlock === undefined) throw missing('cidrBlock')
  const availabilityZone = readZone(input, call)
  const tags = readSpecifications(input.TagSpecifications, 'subnet')
  const { CidrBlock: text } = input
  return call.store.transaction(async store => {
    const vpc = await requireVpc(store, scope, input.VpcId)
    const block = readBlock(text, vpc)
    await requireFree(block, text, { store, scope, vpc })
    const id = newId('subnet')
    const desired: SubnetDesired = {
      id,
      vpcId: vpc.name,
      cidrBlock: formatIpv4Block(block),
      availabilityZone,
      defaultForAz: false,
    }
    const arn = ec2Arn(scope, 'subnet', id)
    const row = await subnets(store).insert({ ...scope, arn, name: id, desired, createdAt: call.now() })
    await store.tags.set(arn, tags)
    return { Subnet: renderSubnet({ row, tags }) }
  })
}

/** By name or id; the first zone of the region when neither is given. */
function readZone({ AvailabilityZone: name, AvailabilityZoneId: id }: Input<'CreateSubnet'>, call: Call): string {
  const zones = zonesWithIds(call)
  const zone = zones.find(known => (name === undefined || known.name === name) && (id === undefined || known.id === id))
  if (zone) return zone.name
  const names = zones.map(known => known.name).join(', ')
  throw invalidValue(
    `Value (${name ?? id}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${names}.`,
  )
}

function readBlock(text: string, vpc: VpcRow): Ipv4Block {
  const block = parseIpv4Block(text)
  const whole = parseIpv4Block(vpc.desired.cidrBlock)
  if (!block) {
    throw invalidValue(`Value (${text}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`)
  }
  if (block.length < 16 || block.length > 28 || !whole || !contains(whole, block)) {
    throw wireFault('InvalidSubnet.Range', `The CIDR '${text}' is invalid.`)
  }
  return block
}

async function requireFree(
  block: Ipv4Block,
  text: string,
  { store, scope, vpc }: { readonly store: Store; readonly scope: Scope; readonly vpc: VpcRow },
): Promise<void> {
  const taken = (await subnets(store).list(scope)).some(({ desired }) => {
    const other = parseIpv4Block(desired.cidrBlock)
    return desired.vpcId === vpc.name && other !== undefined && overlaps(other, block)
  })
  if (taken) throw wireFault('InvalidSubnet.Conflict', `The CIDR '${text}' conflicts with another subnet`)
}
