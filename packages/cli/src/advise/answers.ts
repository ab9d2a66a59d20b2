/** How people write answers: yes and no, sizes, percents, dollars. Each reader gives undefined for what it cannot read. */

export function readYesNo(text: string): boolean | undefined {
  const word = text.trim().toLowerCase()
  if (['y', 'yes', 'true'].includes(word)) return true
  return ['n', 'no', 'false'].includes(word) ? false : undefined
}

const units: Readonly<Record<string, number>> = { m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 }

/** `500MB`, `10 GB`, `1.5T`; a number alone is gigabytes, as in the guide's table. In bytes; memory counts in powers of two. */
export function readSize(text: string): number | undefined {
  const found = /^(\d+(?:\.\d+)?)\s*(?:([mgt])(?:i?b)?)?$/i.exec(text.trim())
  if (!found) return undefined
  const size = Number(found[1]) * (units[(found[2] ?? 'g').toLowerCase()] ?? 0)
  return size > 0 ? Math.ceil(size) : undefined
}

/** `90` and `90%` are 0.9. */
export function readPercent(text: string): number | undefined {
  const found = /^(\d+(?:\.\d+)?)\s*%?$/.exec(text.trim())
  const percent = found ? Number(found[1]) : Number.NaN
  return percent <= 100 ? percent / 100 : undefined
}

/** `500`, `$500`, `1,200`. */
export function readUsd(text: string): number | undefined {
  const plain = text
    .trim()
    .replace(/^\$/, '')
    .replaceAll(/,(?=\d{3}(?:\D|$))/g, '')
  return /^\d+(\.\d+)?$/.test(plain) ? Number(plain) : undefined
}

export const readChoice =
  <C extends string>(choices: readonly C[]) =>
  (text: string): C | undefined =>
    choices.find(choice => choice === text.trim().toLowerCase())

/** An id as ElastiCache takes it, so short that what is named after it fits too. */
export const readId = (text: string): string | undefined =>
  /^[a-z](?:-?[a-z0-9])*$/.test(text) && text.length <= 39 ? text : undefined
