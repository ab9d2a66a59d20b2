/** `/_hotshelf/ca.pem`: the certificate that clients of the caches must trust. It is no secret. */
import { isGet, type Page, send, sendRefusal } from './page.ts'

export const authorityPage: Page = request => {
  if (request.url.pathname !== '/_hotshelf/ca.pem') return false
  if (!isGet(request)) return true
  request.insight.authorityCertificate().then(
    pem => send(request.response, 200, 'application/x-pem-file', pem),
    (error: unknown) => sendRefusal(request, error),
  )
  return true
}
