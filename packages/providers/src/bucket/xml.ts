/** The little XML that S3 speaks. */
export type Element = readonly [name: string, content: string | readonly Element[]]

export function document(root: string, content: readonly Element[]): string {
  // Errors are of no namespace, and clients read them only so.
  const namespace = root === 'Error' ? '' : ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${namespace}>${render(content)}</${root}>`
}

const render = (content: string | readonly Element[]): string =>
  typeof content === 'string'
    ? escape(content)
    : content.map(([name, inner]) => `<${name}>${render(inner)}</${name}>`).join('')

const escape = (text: string): string => text.replaceAll(/[&<>"']|\p{Cc}/gu, mark => `&#${mark.charCodeAt(0)};`)

/** The texts of every element of this name; nesting does not matter where names are known to be apart. */
export const textsOf = (xml: string, name: string): readonly string[] =>
  [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(found => found[1] ?? '')
