// The package's public face: where nodes run and how they are reached.
export { claimsDirectoryHere } from './network/claims.ts'
export { type LoopbackOptions, loopbackNetwork } from './network/loopback.ts'
export { type AddressMode, addressModeHere, type Network } from './network/network.ts'
export { type PortsOptions, portsNetwork } from './network/ports.ts'
export { type Effect, type OnEffect } from './effects.ts'
export type { Log } from './log.ts'
export { bindEndpointProvider, type BindEndpointOptions } from './endpoints/bind.ts'
export { type NameServer, type NameServerOptions, serveNames } from './endpoints/dns.ts'
export {
  type ForwardEndpointOptions,
  type ForwardEndpointProvider,
  forwardEndpointProvider,
} from './endpoints/forward.ts'
export { endpointHostname, type NameService, nodeHostname, regionCode } from './endpoints/names.ts'
export { findEngines } from './installed-engines.ts'
export type { Limits } from './process/limits.ts'
export { fillPipe, makePipe } from './process/pipe.ts'
export { processNodeProvider, type ProcessNodeProvider, type ProcessProviderOptions } from './process/provider.ts'
export { type BucketDoorOptions, bucketDoor, type BucketRequest } from './bucket/door.ts'
export { Refused as BucketRefusal } from './bucket/refused.ts'
export { directoryStorage } from './snapshot-storage/directory.ts'
export { type DirectoryBuckets, directoryBuckets } from './snapshot-storage/directory-buckets.ts'
export { s3Buckets, type S3Options, s3Storage } from './snapshot-storage/s3.ts'
export { type Authority, certificateAuthority, type CertificateFiles } from './tls/authority.ts'
