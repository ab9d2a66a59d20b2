// The package's public face: the AWS services that the server mounts, and what their operations need.
export { type Call, type KnownBuckets, type Settings } from './call.ts'
export { ensureDefaultVpc } from './ec2/default-vpc.ts'
export { askedResources, namedResources } from './asked-resources.ts'
export { auditRecord, type AuditedCall } from './cloudtrail/audit-record.ts'
export { mountedServices } from './mounted-services.ts'
