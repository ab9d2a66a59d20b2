/** The package's public face. */
export type { Caller, HeaderValues, Protocol, WireCall, WireRequest, WireResponse } from './message.ts'
export type { AnyOperations, InputOf, Operation, OperationName, Operations, OutputOf } from './operations.ts'
export { isWireFault, wireFault } from './fault.ts'
export type { WireFault, WireFaultOptions } from './fault.ts'
export type { ErrorModel, LoadedService, OperationModel, ServiceModel, ServiceOptions } from './schema/service-model.ts'
export type { AccessKey, KeyLookup } from './authenticate/keys.ts'
export type {
  AnsweredCall,
  AuthenticateOptions,
  MountedService,
  UnhandledContext,
  Wire,
  WireOptions,
} from './create-wire.ts'
