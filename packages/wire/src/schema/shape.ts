/** Placeholder of the shape graph; filled in below. */
export interface Shape {
  readonly name: string
}
