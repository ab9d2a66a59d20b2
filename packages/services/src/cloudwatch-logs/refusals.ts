/** The faults of this service, in its own words. */
import { type Fault, fault } from '@hotshelf/domain'

export const noSuchLogGroup = (): Fault => fault('ResourceNotFoundException', 'The specified log group does not exist.')

/** As AWS words a value that its model does not allow. */
export const invalidValue = (member: string, value: unknown, constraint: string): Fault =>
  fault(
    'InvalidParameterException',
    `1 validation error detected: Value '${String(value)}' at '${member}' failed to satisfy constraint: ${constraint}`,
  )

/** AWS would do it; never a success that does nothing. */
export const notBuilt = (what: string): Fault =>
  fault('InvalidParameterException', `${what} is not built in Hotshelf yet.`)
