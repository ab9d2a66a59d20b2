/** Cost allocation tags: up to fifty per resource, kept in the order they were given. */
export interface Tag {
  readonly key: string
  readonly value: string
}
