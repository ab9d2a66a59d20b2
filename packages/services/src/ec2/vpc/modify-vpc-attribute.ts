/** Sets one switch of a VPC. AWS takes one in a call. */
import { wireFault } from '@hotshelf/wire'
import type { Operation } from '../operation.ts'
import { missing, notFound } from '../refusals.ts'
import { networkScope, requireVpc, vpcs } from './vpc.ts'

export const modifyVpcAttribute: Operation<'ModifyVpcAttribute'> = async (input, call) => {
  const scope = await networkScope(call)
  const given = {
    dnsSupport: input.EnableDnsSupport?.Value,
    dnsHostnames: input.EnableDnsHostnames?.Value,
    addressUsageMetrics: input.EnableNetworkAddressUsageMetrics?.Value,
  }
  const changes = Object.entries(given).filter(([, value]) => value !== undefined)
  if (changes.length === 0) throw missing('attribute')
  if (changes.length > 1) {
    throw wireFault('InvalidParameterCombination', 'Fields for multiple attribute types specified')
  }
  const { arn } = await requireVpc(call.store, scope, input.VpcId)
  const changed = await vpcs(call.store).change(arn, desired => ({ ...desired, ...Object.fromEntries(changes) }))
  if (!changed) throw notFound('vpc', [input.VpcId ?? ''])
  return {}
}
