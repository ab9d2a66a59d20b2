/** The overlay comes from one reading of AWS's models and the shapes from another; here they must agree. */
import { describe, expect, it } from 'vitest'
import { TESTED_SERVICES } from '../../test/services.ts'
import { isStructure, type Member, type Shape } from '../schema/shape.ts'
import { loadOverlay } from './overlay.ts'

const services = [...new Map(TESTED_SERVICES.map(({ model }) => [model.signingName, model])).values()]

/** Every structure that the operations reach, by name. */
function structuresOf(roots: readonly Shape[]): Map<string, readonly Member[]> {
  const found = new Map<string, readonly Member[]>()
  const seen = new Set<Shape>()
  const visit = (shape: Shape) => {
    if (seen.has(shape)) return
    seen.add(shape)
    if (isStructure(shape)) {
      found.set(shape.name, shape.members)
      for (const member of shape.members) visit(member.shape)
    } else if (shape.kind === 'list') visit(shape.item.shape)
    else if (shape.kind === 'map') visit(shape.value.shape)
  }
  for (const shape of roots) visit(shape)
  return found
}

function leafOf(shape: Shape): Shape {
  if (shape.kind === 'list') return leafOf(shape.item.shape)
  return shape.kind === 'map' ? leafOf(shape.value.shape) : shape
}

describe.each(services)('the overlay of $signingName', model => {
  it('names only structures, members, operations and errors that the SDK has too, with the right types', async () => {
    const overlay = await loadOverlay(model.signingName)
    const { operations, errors } = await model.load()
    const structures = structuresOf([...operations.values()].flatMap(({ input, output }) => [input, output]))
    const wrong: string[] = []
    for (const [structure, members] of [
      ...Object.entries(overlay?.rules ?? {}),
      ...Object.entries(overlay?.aliases ?? {}),
    ]) {
      for (const [name, rule] of Object.entries(members)) {
        const member = structures.get(structure)?.find(known => known.name === name)
        const kind = member && leafOf(member.shape).kind
        const wanted = rule === 'i' || rule === 'l' ? 'number' : typeof rule === 'number' ? 'string' : kind
        if (!kind || kind !== wanted) wrong.push(`${structure}.${name}: ${String(rule)}, ${String(kind)}`)
      }
    }
    for (const [operation, names] of Object.entries(overlay?.errors ?? {})) {
      if (!operations.has(operation)) wrong.push(operation)
      wrong.push(...names.filter(name => !errors.has(name)).map(name => `${operation} raises ${name}`))
    }
    expect(wrong).toEqual([])
    expect(overlay?.source).toMatch(/^botocore \d/)
  })
})
