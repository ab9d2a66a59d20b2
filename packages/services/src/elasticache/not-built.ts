/**
 * The honest refusal: AWS would do it, Hotshelf does not yet. Always a declared client fault with this wording, never a
 * success that does nothing, so that a tool stops and a person sees why.
 */
import { type Fault, fault } from '@hotshelf/domain'

export const notBuilt = (what: string, instead?: string): Fault =>
  fault(
    'InvalidParameterCombinationException',
    `${what} is not built in Hotshelf yet.${instead === undefined ? '' : ` ${instead}`}`,
  )
