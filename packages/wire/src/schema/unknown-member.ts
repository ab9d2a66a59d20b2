/**
 * Finds the first member of a value that its shape does not know: a misspelt output member, which TypeScript lets
 * through beside right ones and which the serialisers would silently leave out.
 */
import type { Shape } from './shape.ts'

/** The member's path, such as `Topics[0].TopicArm`; undefined when every member is known. */
export function unknownMember(shape: Shape, value: unknown, path = ''): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  switch (shape.kind) {
    case 'structure':
    case 'union':
      return firstOf(Object.entries(value), ([name, item]) => {
        const member = shape.members.find(known => known.name === name)
        const at = path === '' ? name : `${path}.${name}`
        return member ? unknownMember(member.shape, item, at) : at
      })
    case 'list':
      return firstOf([...(value as readonly unknown[]).entries()], ([index, item]) =>
        unknownMember(shape.item.shape, item, `${path}[${index}]`),
      )
    case 'map':
      return firstOf(Object.entries(value), ([key, item]) => unknownMember(shape.value.shape, item, `${path}.${key}`))
    default:
      return undefined
  }
}

function firstOf<Item>(items: readonly Item[], find: (item: Item) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}
