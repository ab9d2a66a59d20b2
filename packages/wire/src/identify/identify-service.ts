/**
 * Which service a request is for. All of them share one host, so the credential scope decides first; a request
 * without credentials is known by its target or path, and last by the API version in its form.
 */
import type { MountedService } from '../create-wire.ts'
import type { Exchange } from '../exchange.ts'
import type { FormNode } from '../protocols/form.ts'
import { ec2Query } from '../protocols/ec2-query/protocol.ts'
import { query } from '../protocols/query/protocol.ts'
import { unknownOperation } from '../unbuilt.ts'
import { requestTarget } from './request-target.ts'

export interface Routes {
  readonly services: readonly MountedService<never>[]
  /** The form of the request; read only when nothing else tells the service. */
  readonly formOf: (exchange: Exchange) => Promise<FormNode>
}

export async function identifyService(exchange: Exchange, routes: Routes): Promise<void> {
  const target = requestTarget(exchange.request)
  if (target) exchange.protocol = target.protocol
  exchange.operationName = target?.operation
  exchange.mounted = await findService(exchange, routes, target?.service)
  if (!exchange.mounted) throw unknownOperation(exchange.protocol.name, describeUnknown(exchange))
  exchange.service = await exchange.mounted.model.load()
  if (!target && exchange.service.form === 'ec2') exchange.protocol = ec2Query
}

async function findService(
  exchange: Exchange,
  { services, formOf }: Routes,
  target: string | undefined,
): Promise<MountedService<never> | undefined> {
  const { scope } = exchange
  if (scope) return services.find(({ model }) => model.signingName === scope.service)
  if (target !== undefined) return services.find(({ model }) => model.target === target)
  exchange.protocol = query
  const version = (await formOf(exchange)).children.get('Version')?.value
  const candidates = services.filter(({ model }) => version !== undefined && model.version === version)
  return candidates.length === 1 ? candidates[0] : undefined
}

function describeUnknown({ scope, operationName }: Exchange): string {
  if (scope) return `The service ${scope.service} is not built in this server.`
  return operationName === undefined
    ? 'The request does not say which service it is for: it has neither a credential nor a known API version.'
    : `The action ${operationName} belongs to no service of this server.`
}
