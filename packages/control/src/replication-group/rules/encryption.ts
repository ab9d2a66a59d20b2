/**
 * Encryption in transit as asked for, on running nodes. It is changed while they run and on all of them at once: a cluster's
 * bus cannot speak both ways, and links that stand stay up meanwhile. Before endpoints and repairs, because a node that
 * starts anew speaks as asked for, and would not be understood by one that does not yet.
 */
import { allNodes, type NodePlace, type TransitEncryption } from '@hotshelf/domain'
import type { GroupContext } from '../context.ts'
import type { GroupLook, NodeLook } from '../observe.ts'
import type { GroupStep } from '../steps.ts'
import { answering, some } from '../view.ts'
import { appliedTo } from './applied.ts'

export function applyEncryption(context: GroupContext, look: GroupLook): GroupStep | undefined {
  const wanted = context.desired.transitEncryption
  const looks = allNodes(context.desired)
    .map(node => look.nodes.get(node.id))
    .filter(node => node !== undefined)
  const places = looks.filter(node => modeOf(node.place) !== wanted).map(node => node.node)
  const nodes = looks
    .filter(node => answering(look, node.node) && (places.includes(node.node) || !speaks(node, wanted)))
    .map(node => node.node)
  if (places.length === 0 && nodes.length === 0) return undefined
  const why = `${some(nodes.length > 0 ? nodes : places)} does not yet speak with transit encryption ${wanted}`
  return { do: 'encrypt', places, nodes, why }
}

/** A place has certificates once encryption is on, and a second port while it is only preferred. */
const modeOf = ({ tls, tlsPort }: NodePlace): TransitEncryption =>
  tls === undefined ? 'off' : tlsPort === undefined ? 'required' : 'preferred'

/** An engine that was built without TLS tells no `tls-port`. */
function speaks({ place, view }: NodeLook, wanted: TransitEncryption): boolean {
  const plain = view?.directives['port']
  if (plain === undefined) return true
  const tls = Number(view?.directives['tls-port'] ?? 0)
  if (wanted === 'off') return Number(plain) === place.port && tls === 0
  if (wanted === 'required') return Number(plain) === 0 && tls === place.port
  return Number(plain) === place.port && tls === place.tlsPort
}

/** A certificate that ends soon is renewed, and one that was written after a node's start is read by it. Nobody is cut. */
export function renewCertificates(context: GroupContext, look: GroupLook): GroupStep | undefined {
  const nodes = allNodes(context.desired)
    .map(node => answering(look, node.id))
    .filter(node => node !== undefined && (node.certificate?.due === true || isUnread(look, node)))
    .map(node => node!.node)
  if (nodes.length === 0) return undefined
  return {
    do: 'renew-certificates',
    nodes,
    why: `${some(nodes)} shows a certificate that is not the newest, or ends soon`,
  }
}

function isUnread(look: GroupLook, node: NodeLook): boolean {
  const { certificate, launched } = node
  if (!certificate || !launched || certificate.writtenAt <= launched.at) return false
  return appliedTo(look, node).certificate !== certificate.writtenAt.toISOString()
}
