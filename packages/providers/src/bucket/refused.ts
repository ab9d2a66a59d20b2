/** A refusal in S3's words: status, code and a sentence. */
export class Refused extends Error {
  override readonly name = 'Refused'
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

export const noSuchBucket = (): Refused => new Refused(404, 'NoSuchBucket', 'The specified bucket does not exist')
export const noSuchKey = (): Refused => new Refused(404, 'NoSuchKey', 'The specified key does not exist.')
export const notBuilt = (what: string): Refused =>
  new Refused(501, 'NotImplemented', `${what} is not built in Hotshelf.`)
