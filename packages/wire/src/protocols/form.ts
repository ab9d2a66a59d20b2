/**
 * Form parameters (`A.B.1=x&A.B.2=y`) as a tree, for the Query and EC2 protocols.
 * Names go into Maps, never into objects: a parameter called `__proto__` is then nothing special.
 */
import { wireFault } from '../fault.ts'
import type { Limits } from '../limits.ts'

export interface FormNode {
  value: string | undefined
  readonly children: Map<string, FormNode>
}

/** Reads query string and body together; a later parameter of the same name wins. */
export function parseForm(texts: readonly string[], limits: Limits): FormNode {
  const root = emptyNode()
  let count = 0
  for (const text of texts) {
    for (const pair of text.split('&')) {
      if (pair === '') continue
      if (++count > limits.parameters) throw wireFault('MalformedQueryString', 'The request has too many parameters.')
      const at = pair.indexOf('=')
      const name = decode(at < 0 ? pair : pair.slice(0, at))
      put(root, name, at < 0 ? '' : decode(pair.slice(at + 1)), limits.depth)
    }
  }
  return root
}

/** The children whose names are numbers, in their numeric order: `.1`, `.2`, `.10`. */
export function numbered(node: FormNode): readonly FormNode[] {
  return [...node.children]
    .filter(([name]) => /^\d{1,9}$/.test(name))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, child]) => child)
}

function put(root: FormNode, name: string, value: string, depth: number): void {
  const steps = name.split('.')
  if (steps.length > depth) throw wireFault('MalformedQueryString', 'A parameter is nested too deeply.')
  let node = root
  for (const step of steps) {
    let next = node.children.get(step)
    if (!next) node.children.set(step, (next = emptyNode()))
    node = next
  }
  node.value = value
}

function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ')
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    throw wireFault('MalformedQueryString', 'The query string contains an invalid percent-encoding.')
  }
}

function emptyNode(): FormNode {
  return { value: undefined, children: new Map() }
}
