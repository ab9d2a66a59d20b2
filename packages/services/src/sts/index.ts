/** STS: enough for tools to learn which account they work in. */
import { getCallerIdentity } from './get-caller-identity.ts'
import type { StsOperations } from './operation.ts'

export const sts: StsOperations = { GetCallerIdentity: getCallerIdentity }
