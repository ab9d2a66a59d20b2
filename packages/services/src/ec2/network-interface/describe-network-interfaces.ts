/**
 * No network interfaces: nodes are processes, and nothing here has an address in a VPC. Terraform asks before it
 * deletes a security group, for interfaces that some services leave behind.
 */
import { wireFault } from '@hotshelf/wire'
import type { Operation } from '../operation.ts'

export const describeNetworkInterfaces: Operation<'DescribeNetworkInterfaces'> = input => {
  const ids = input.NetworkInterfaceIds ?? []
  if (ids.length > 0) {
    throw wireFault('InvalidNetworkInterfaceID.NotFound', `The networkInterface ID '${ids.join(', ')}' does not exist`)
  }
  return { NetworkInterfaces: [] }
}
