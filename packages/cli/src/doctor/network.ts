/** Checks of addresses and ports, and of the server that may be running already. */
import { createServer } from 'node:net'
import { serverAt } from '../api.ts'
import { type Finding, ok, problem, type Subject, warning } from './finding.ts'
import { isKnownHere } from '../reachable-host.ts'
import { endpointOf } from './machine.ts'

/** Any address of 127/8 can be listened on under Linux; elsewhere only those that were added. */
const probed = '127.64.0.1'

export async function addresses({ config }: Subject): Promise<Finding> {
  const refused = await listenOn(probed, 0)
  if (refused === undefined) return ok('every node gets a loopback address of its own')
  const found = `${probed}: ${refused}; nodes share 127.0.0.1 and differ in port`
  if (config.addressMode === 'auto') return warning(found, 'nothing has to be done; ports differ from those on AWS')
  if (config.addressMode === 'ports') return ok('ports mode, as configured')
  return problem(found, 'use --address-mode ports, or add loopback addresses (ifconfig lo0 alias 127.64.0.1)')
}

export async function port(subject: Subject): Promise<Finding> {
  const { host, port: number } = subject.config
  const refused = await listenOn(host, number)
  if (refused === undefined) return ok(`${number} on ${host} is free`)
  if (refused === 'EADDRINUSE') {
    if (await answers(`http://${host.includes(':') ? `[${host}]` : host}:${number}`))
      return ok(`${number} on ${host} is held by a Hotshelf`)
    return problem(`${number} on ${host} is taken by another program`, 'stop it, or start with another --port')
  }
  return problem(`${number} on ${host}: ${refused}`, 'choose another with --port or --host')
}

export async function server(subject: Subject): Promise<Finding> {
  const endpoint = endpointOf(subject)
  try {
    const health = await serverAt(endpoint).health()
    return ok(`${health.status} at ${endpoint}, version ${health.version}`)
  } catch {
    return ok(`none runs at ${endpoint}; \`npx hotshelf up\` starts one`)
  }
}

/** Whether this machine's resolver asks Hotshelf about the names that it gives to endpoints. */
export async function names(subject: Subject): Promise<Finding> {
  const served = await serverAt(endpointOf(subject))
    .health()
    .then(health => health.names)
    .catch(() => undefined)
  if (!served) return ok('endpoints are addresses, or no server runs')
  const { zone, address, port: at } = served
  if (await isKnownHere(`ns.${zone}`)) return ok(`the names of ${zone} are known here`)
  const way =
    process.platform === 'darwin'
      ? `put "nameserver ${address}" and "port ${at}" into /etc/resolver/${zone}`
      : `resolvectl dns lo ${address}:${at} && resolvectl domain lo '~${zone}' (systemd-resolved)`
  return warning(`nobody here asks ${address}:${at} about ${zone}`, way)
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    return typeof (await serverAt(endpoint).health()).version === 'string'
  } catch {
    return false
  }
}

/** The error code, or undefined when it worked. */
function listenOn(host: string, number: number): Promise<string | undefined> {
  return new Promise(resolve => {
    const probe = createServer()
    probe.once('error', error => resolve((error as NodeJS.ErrnoException).code ?? error.message))
    probe.listen({ host, port: number, exclusive: true }, () => probe.close(() => resolve(undefined)))
  })
}
