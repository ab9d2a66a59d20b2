/** Every document that is written from the code: where it stands, and what it should say now. */
// The SDK's notice about its future Node versions is no news here: it is pinned.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'

export async function generatedPages() {
  const { coveragePage } = await import('./coverage.mjs')
  const { rulesPage } = await import('./rules.mjs')
  const { cacheApiPage } = await import('./cache-api.mjs')
  return [await coveragePage(), rulesPage(), cacheApiPage()]
}
