/**
 * The life of a request in this server: who may answer it, in order. The first that does has it.
 * What comes last, the AWS API, has a chain of its own: `chain.ts` of the wire package.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { authorityPage } from './admin/authority.ts'
import { eventsPage } from './admin/events.ts'
import { groupsPage } from './admin/groups.ts'
import { healthPage } from './admin/health.ts'
import type { Page } from './admin/page.ts'
import { planPage } from './admin/plan.ts'
import { snapshotsPage, verifyPage } from './admin/snapshots.ts'
import { noSuchPage, strangersAreRefused } from './admin/private.ts'
import type { Insight } from './admin/insight.ts'

const pages: readonly Page[] = [
  healthPage, // probes come from anywhere and have no credentials
  authorityPage, // public by nature: whoever connects to a cache must trust it
  strangersAreRefused, // from here on only programs of this machine
  groupsPage,
  planPage,
  eventsPage,
  snapshotsPage,
  verifyPage,
  noSuchPage,
]

/** True when the request was one for this server itself; everything else is the AWS API's. */
export function ownPages(insight: Insight): (message: IncomingMessage, response: ServerResponse) => boolean {
  return (message, response) => {
    const url = urlOf(message.url ?? '/')
    if (!url?.pathname.startsWith('/_hotshelf/')) return false
    const request = { message, response, url, insight }
    return pages.some(page => page(request))
  }
}

/** Only the path and the query matter; a request may write anything there. */
const urlOf = (text: string): URL | undefined => {
  const whole = `http://localhost${text.startsWith('/') ? text : `/${text}`}`
  return URL.canParse(whole) ? new URL(whole) : undefined
}
