/** Holds the input to what the model demands, so that no service has to check for a missing or impossible member. */
import type { Exchange } from '../exchange.ts'
import { validateInput } from '../validate/validate-input.ts'

export function validate({ service, operation, input, protocol }: Exchange): void {
  if (!service || !operation) throw new Error('validate came before parse')
  validateInput(service, operation, { input, protocol: protocol.name })
}
