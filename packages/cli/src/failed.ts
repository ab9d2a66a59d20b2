/**
 * Thrown by a command that cannot do what was asked: what went wrong, and what to do about it.
 * Exit codes: 1 it did not work, 2 it was asked wrongly, 3 no server answers, 130 somebody pressed Ctrl-C.
 */
export class Failed extends Error {
  override readonly name = 'Failed'
  readonly advice: string
  readonly exitCode: number
  constructor(message: string, advice: string, exitCode = 1) {
    super(message)
    this.advice = advice
    this.exitCode = exitCode
  }
}

export const usage = (message: string, advice: string): Failed => new Failed(message, advice, 2)
