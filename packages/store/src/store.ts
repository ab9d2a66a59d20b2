/** The domain's Store on one session: the same parts whether or not it is a transaction's. */
import type { ReplicationGroupDesired, ReplicationGroupObserved, Store } from '@hotshelf/domain'
import { auditOf } from './audit.ts'
import { eventsOf } from './events.ts'
import { factsOf } from './facts.ts'
import { leasesOf } from './leases.ts'
import { observationsOf } from './observations.ts'
import { repositoryOf } from './repository.ts'
import { secretsOf } from './secrets.ts'
import type { Session } from './session.ts'
import { tagsOf } from './tags.ts'

export const storeOn = (session: Session, sealKey: Uint8Array, close: () => Promise<void>): Store => ({
  replicationGroups: repositoryOf<ReplicationGroupDesired, ReplicationGroupObserved>(session, 'replication-group'),
  parameterGroups: repositoryOf(session, 'parameter-group'),
  subnetGroups: repositoryOf(session, 'subnet-group'),
  repository: kind => repositoryOf(session, kind),
  observations: observationsOf(session),
  tags: tagsOf(session),
  events: eventsOf(session),
  audit: auditOf(session),
  leases: leasesOf(session),
  secrets: secretsOf(session, sealKey),
  facts: factsOf(session),
  transaction: work => session.atomically(inner => work(storeOn(inner, sealKey, close))),
  close,
})
