/**
 * Protocol and ports of a permission. `-1` is all traffic and has no ports, whatever ports were sent with it: Terraform
 * takes the first egress rule away with ports 0 to 0.
 */
import { invalidValue, missing } from '../refusals.ts'
import type { RuleContent } from './rule.ts'

interface GivenTraffic {
  readonly IpProtocol?: string | undefined
  readonly FromPort?: number | undefined
  readonly ToPort?: number | undefined
}

type Traffic = Pick<RuleContent, 'protocol' | 'fromPort' | 'toPort'>

/** IANA's numbers of the protocols that EC2 shows by name. */
const names: Readonly<Record<string, string>> = { '1': 'icmp', '6': 'tcp', '17': 'udp', '58': 'icmpv6', all: '-1' }
const withPorts = new Set(['tcp', 'udp'])
const withTypes = new Set(['icmp', 'icmpv6'])
const highestPort = 65_535

export function readTraffic({ IpProtocol, FromPort, ToPort }: GivenTraffic): Traffic {
  if (IpProtocol === undefined) throw missing('ipProtocol')
  const given = IpProtocol.toLowerCase()
  const protocol = names[given] ?? given
  if (withPorts.has(protocol)) return { protocol, ...readPorts(protocol, FromPort, ToPort) }
  if (withTypes.has(protocol)) return { protocol, ...readTypes(FromPort, ToPort) }
  if (protocol !== '-1' && !(/^\d{1,3}$/.test(protocol) && Number(protocol) <= 255)) {
    throw invalidValue(`Invalid value '${IpProtocol}' for IP protocol. Unknown protocol.`)
  }
  return { protocol, fromPort: undefined, toPort: undefined }
}

function readPorts(protocol: string, from: number | undefined, to: number | undefined): Omit<Traffic, 'protocol'> {
  if (from === undefined || to === undefined) {
    throw invalidValue("Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.")
  }
  // All ports, as -1 to -1 says it.
  if (from === -1 && to === -1) return { fromPort: 0, toPort: highestPort }
  if (from < 0 || to > highestPort || from > to) {
    const range = `${protocol.toUpperCase()} port range`
    throw invalidValue(
      from > to
        ? `Invalid ${range} (${from}-${to})`
        : `Invalid value '${from}-${to}' for ${range}: it must lie in 0-${highestPort}.`,
    )
  }
  return { fromPort: from, toPort: to }
}

/** Type and code; -1 is any. */
function readTypes(type = -1, code = -1): Omit<Traffic, 'protocol'> {
  if (type < -1 || type > 255 || code < -1 || code > 255 || (type === -1 && code !== -1)) {
    throw invalidValue(`Invalid ICMP type ${type} and code ${code}.`)
  }
  return { fromPort: type, toPort: code }
}
