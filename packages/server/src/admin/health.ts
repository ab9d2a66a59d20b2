/** `/_hotshelf/health`: 200 once every group was looked at since the start; 503 before, and while stopping. */
import { isGet, type Page, sendJson } from './page.ts'

export const healthPage: Page = request => {
  if (request.url.pathname !== '/_hotshelf/health') return false
  if (!isGet(request)) return true
  void request.insight
    .health()
    .then(health => sendJson(request.response, health.status === 'ready' ? 200 : 503, health))
  return true
}
