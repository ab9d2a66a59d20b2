/** The nodes that the suite's sentences talk about, and looking at them. */
import {
  type Arn,
  elasticacheArn,
  type NodeId,
  type NodePlace,
  type NodeProvider,
  type NodeRef,
  type ObservedNode,
  type PlaceRequest,
} from '@hotshelf/domain'
import type { NodeMachine } from '../node-provider.ts'
import { eventually } from '../../hotshelf.ts'

const scope = { account: '000000000000', region: 'us-east-1' }
export const orders: Arn = elasticacheArn(scope, 'replicationgroup', 'orders')
export const carts: Arn = elasticacheArn(scope, 'replicationgroup', 'carts')

export const request = (number: number, wish: Partial<PlaceRequest> = {}): PlaceRequest => {
  const group = wish.group ?? orders
  const groupName = group === orders ? 'orders' : 'carts'
  return {
    group,
    groupName,
    node: `${groupName}-${String(number).padStart(3, '0')}` as NodeId,
    port: 6379,
    availabilityZone: 'us-east-1a',
    transitEncryption: 'off',
    clusterMode: false,
    ...wish,
  }
}

/** The node as it is seen now; fails when the provider does not know it. */
export async function look(provider: NodeProvider, { group, node }: NodeRef): Promise<ObservedNode> {
  const found = (await provider.observe(group)).find(observed => observed.node === node)
  if (!found) throw new Error(`${node} is not observed`)
  return found
}

/** Places and starts node `number`, and waits until it accepts connections. */
export async function running(machine: NodeMachine, provider: NodeProvider, number = 1): Promise<NodePlace> {
  const place = await provider.place(request(number))
  await provider.start(machine.launch(place, 'first'))
  await accepting(machine, place)
  return place
}

export const accepting = (machine: NodeMachine, place: NodePlace): Promise<boolean> =>
  eventually(
    () => machine.accepts(place),
    accepted => accepted,
  )

export const ended = (provider: NodeProvider, node: NodeRef): Promise<ObservedNode> =>
  eventually(
    () => look(provider, node),
    observed => !observed.running,
  )
