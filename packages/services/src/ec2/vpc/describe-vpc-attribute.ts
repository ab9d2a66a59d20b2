/** One switch of a VPC. Terraform asks for all three, one by one. */
import type { Operation } from '../operation.ts'
import { invalidValue, missing } from '../refusals.ts'
import { networkScope, requireVpc } from './vpc.ts'

export const describeVpcAttribute: Operation<'DescribeVpcAttribute'> = async (input, call) => {
  const scope = await networkScope(call)
  const { name: VpcId, desired } = await requireVpc(call.store, scope, input.VpcId)
  switch (input.Attribute) {
    case 'enableDnsSupport':
      return { VpcId, EnableDnsSupport: { Value: desired.dnsSupport } }
    case 'enableDnsHostnames':
      return { VpcId, EnableDnsHostnames: { Value: desired.dnsHostnames } }
    case 'enableNetworkAddressUsageMetrics':
      return { VpcId, EnableNetworkAddressUsageMetrics: { Value: desired.addressUsageMetrics } }
    case undefined:
      throw missing('attribute')
    default:
      throw invalidValue(`Value (${String(input.Attribute)}) for parameter attribute is invalid.`)
  }
}
