/** The services that the server mounts. An SDK module is read when its service is first asked for, not before. */
import { describeService, type MountedService } from '@hotshelf/wire'
import type { Call } from './call.ts'
import { elasticache } from './elasticache/index.ts'

export const mountedServices: readonly MountedService<Call>[] = [
  {
    model: describeService({
      signingName: 'elasticache',
      sdk: () => import('@aws-sdk/client-elasticache'),
      client: 'ElastiCacheClient',
      version: '2015-02-02',
      enums: 'check',
    }),
    operations: elasticache,
  },
]
