/**
 * A query string as decoded pairs in their order, duplicates kept: a signature covers every one of them.
 */
export type QueryParameters = readonly (readonly [name: string, value: string])[]

/** Undefined when a percent-encoding is invalid: such a string cannot have been signed. */
export function queryParameters(query: string): QueryParameters | undefined {
  try {
    return query
      .split('&')
      .filter(pair => pair !== '')
      .map(pair => {
        const at = pair.indexOf('=')
        return at < 0
          ? ([decode(pair), ''] as const)
          : ([decode(pair.slice(0, at)), decode(pair.slice(at + 1))] as const)
      })
  } catch {
    return undefined
  }
}

function decode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '))
}
