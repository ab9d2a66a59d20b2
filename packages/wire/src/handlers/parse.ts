/**
 * Which operation, and with what input. Reading the name comes after authentication, because in a form it is in the
 * body. An operation that AWS has and this server has not is refused by name before its input is looked at.
 */
import type { Exchange } from '../exchange.ts'
import { wireFault } from '../fault.ts'
import type { Limits } from '../limits.ts'
import type { LoadedService, OperationModel } from '../schema/service-model.ts'
import { isStructure, type Shape } from '../schema/shape.ts'
import { unknownOperation } from '../unbuilt.ts'
import { contentOf } from './read-content.ts'

export async function parse(exchange: Exchange, limits: Limits): Promise<void> {
  const { mounted, protocol, service } = exchange
  if (!mounted || !service) throw new Error('parse came before identify')
  const content = await contentOf(exchange, limits)
  exchange.operationName ??= content.form?.children.get('Action')?.value
  const { operationName } = exchange
  if (!operationName) throw wireFault('MissingAction', 'The request must contain the parameter Action.')
  const operation = findOperation(service, operationName)
  if (!operation) {
    throw unknownOperation(protocol.name, `The action ${shortened(operationName)} is not valid for this web service.`)
  }
  if (!Object.hasOwn(mounted.operations, operationName) || isStreaming(operation)) {
    throw unknownOperation(protocol.name, `The action ${operationName} is not built in this server.`)
  }
  exchange.operation = operation
  exchange.input = protocol.readInput(operation, content, limits)
}

function findOperation(service: LoadedService, name: string): OperationModel | undefined {
  return service.operations.get(name)
}

function isStreaming({ input, output }: OperationModel): boolean {
  return hasStream(input) || hasStream(output)
}

function hasStream(shape: Shape): boolean {
  return isStructure(shape) && shape.members.some(member => member.streaming)
}

/** A name that AWS does not have can be anything; it is repeated to the caller, but not at any length. */
function shortened(name: string): string {
  return name.length > 128 ? `${name.slice(0, 128)}…` : name
}
