// Gives nodes the ports, certificates and listeners of another encryption in transit, while they run.
import { allNodes, usesClusterProtocol } from '@hotshelf/domain'
import { controlTarget } from '../observe.ts'
import type { StepOf } from '../steps.ts'
import { remember } from './configuration.ts'
import { certify } from './nodes.ts'
import { forEach, ref, seen, tell, type Turn } from './turn.ts'

/** Places of all before engines of any: peers in a cluster must change over together. */
export async function encryptNodes(step: StepOf<'encrypt'>, turn: Turn): Promise<void> {
  const { desired, row } = turn.context
  const { endpoints, engine, provider, onEffect } = turn.options
  const { transitEncryption } = desired
  const clusterMode = usesClusterProtocol(desired)
  const common = { group: row.arn, groupName: desired.id, port: desired.port, transitEncryption } as const
  for (const { role } of turn.look.endpoints) await endpoints.claim({ ...common, role })
  const zones = new Map(allNodes(desired).map(node => [node.id, node.availabilityZone]))
  const all = [...new Set([...step.places, ...step.nodes])]
  const subjects = [...new Set(turn.look.endpoints.flatMap(place => [place.address, place.hostname]))]
  const places = new Map(all.map(node => [node, seen(turn, node).place]))
  await forEach(all, async node => {
    const availabilityZone = zones.get(node) ?? `${row.region}a`
    places.set(node, await provider.place({ ...common, node, availabilityZone, clusterMode }))
    if (transitEncryption !== 'off') await provider.certify(ref(turn, node), subjects)
  })
  await forEach(step.nodes, async node => {
    const target = controlTarget(places.get(node) ?? seen(turn, node).place, turn.context)
    await engine.perform(target, { do: 'encrypt', transitEncryption, clusterMode })
    onEffect('engine:encrypt')
  })
}

/** Setting the same files again makes an engine read them; connections that stand keep the certificate they know. */
export async function renewCertificates(step: StepOf<'renew-certificates'>, turn: Turn): Promise<void> {
  await forEach(step.nodes, async node => {
    const { place, certificate } = seen(turn, node)
    if (!place.tls || !certificate) return
    await certify(turn, node)
    const directives = [
      { name: 'tls-cert-file', value: place.tls.certificate },
      { name: 'tls-key-file', value: place.tls.key },
    ]
    await tell(turn, node, { do: 'configure', directives })
    // Of the file as it was seen: one that was written just now is read once more in the next turn.
    await remember(turn, node, { certificate: certificate.writtenAt.toISOString() })
  })
}
