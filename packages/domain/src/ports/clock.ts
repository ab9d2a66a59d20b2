/** Time, where a test must be able to move it. */
export interface Clock {
  now(): Date
}
