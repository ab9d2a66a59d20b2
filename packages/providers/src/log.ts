/** What this package needs of a log: facts first, then a sentence (a pino logger fits as it is). */
export interface Log {
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
}

export const silent: Log = { info: () => {}, warn: () => {} }
