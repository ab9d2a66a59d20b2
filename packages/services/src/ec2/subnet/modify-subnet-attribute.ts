/** Sets a switch of a subnet. Those that could change nothing here may be set to what they are, and to nothing else. */
import type { Input, Operation } from '../operation.ts'
import { missing, notBuilt, notFound } from '../refusals.ts'
import { networkScope } from '../vpc/vpc.ts'
import { requireSubnet, subnets } from './subnet.ts'

export const modifySubnetAttribute: Operation<'ModifySubnetAttribute'> = async (input, call) => {
  const scope = await networkScope(call)
  const { arn } = await requireSubnet(call.store, scope, input.SubnetId)
  refuseUnbuilt(input)
  const publicIp = input.MapPublicIpOnLaunch?.Value
  if (publicIp === undefined) {
    if (Object.values(input).filter(value => value !== undefined).length > 1) return {}
    throw missing('attribute')
  }
  const changed = await subnets(call.store).change(arn, desired => ({ ...desired, mapPublicIpOnLaunch: publicIp }))
  if (!changed) throw notFound('subnet', [input.SubnetId ?? ''])
  return {}
}

function refuseUnbuilt(input: Input<'ModifySubnetAttribute'>): void {
  const on = (switched: { readonly Value?: boolean | undefined } | undefined) => switched?.Value === true
  if (on(input.AssignIpv6AddressOnCreation) || on(input.EnableDns64)) throw notBuilt('IPv6 in a subnet')
  if (on(input.MapCustomerOwnedIpOnLaunch) || input.EnableLniAtDeviceIndex !== undefined) throw notBuilt('Outposts')
  const byName =
    input.PrivateDnsHostnameTypeOnLaunch === 'resource-name' ||
    on(input.EnableResourceNameDnsARecordOnLaunch) ||
    on(input.EnableResourceNameDnsAAAARecordOnLaunch)
  if (byName) throw notBuilt('Host names by resource name')
}
