/**
 * The public interface of @hotshelf/cache as text, read from the declarations the compiler wrote: what an application can
 * import, without comments. A change of the interface is a change of this page, and is seen in review.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '../run-step.mjs'

const home = join(root, 'packages', 'cache')

const declarationOf = specifier => specifier.replace(/\.[jt]s$/, '.d.ts')

/** Blank lines and comments say nothing to a compiler; nor do members that nobody outside can reach. */
function bare(text) {
  return text
    .replace(/^\s*\/\*\*[\s\S]*?\*\/\n/gm, '')
    .split('\n')
    .filter(line => !/^\s*(#private;|private .*;|\/\/.*)?$/.test(line))
    .join('\n')
}

/** The declarations at the top of a file, by name. A line that begins at the margin and closes nothing begins one. */
function declarationsIn(path) {
  const chunks = []
  for (const line of bare(readFileSync(path, 'utf8')).split('\n')) {
    if (/^[A-Za-z]/.test(line)) chunks.push([line])
    else chunks.at(-1)?.push(line)
  }
  const found = new Map()
  for (const chunk of chunks) {
    const name = /^(?:export )?(?:declare )?(?:abstract )?(?:class|interface|type|function|const|enum) (\w+)/.exec(
      chunk[0],
    )?.[1]
    if (name === undefined) continue
    // Overloads share a name.
    found.set(name, [...(found.get(name) ?? []), chunk.join('\n')])
  }
  return found
}

/** What a module gives away: [name outside, declarations]. */
function exportsOf(path) {
  const text = bare(readFileSync(path, 'utf8'))
  const own = declarationsIn(path)
  const found = [...own].filter(([, chunks]) => chunks[0].startsWith('export '))
  for (const [, names, specifier] of text.matchAll(/^export (?:type )?\{([^}]*)\} from ['"](\.[^'"]+)['"];?/gm)) {
    const from = join(dirname(path), declarationOf(specifier))
    const there = new Map(exportsOf(from))
    for (const part of names
      .split(',')
      .map(name => name.trim())
      .filter(Boolean)) {
      const [inside, outside = inside] = part.replace(/^type /, '').split(' as ')
      if (!there.has(inside)) throw new Error(`${from} does not export ${inside}`)
      found.push([outside, there.get(inside)])
    }
  }
  for (const [, specifier] of text.matchAll(/^export \* from ['"](\.[^'"]+)['"];?/gm)) {
    found.push(...exportsOf(join(dirname(path), declarationOf(specifier))))
  }
  return found
}

function section([subpath, { types }]) {
  const found = exportsOf(join(home, types)).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const code = found.map(([, chunks]) => chunks.join('\n').replaceAll(/^export (declare )?/gm, '')).join('\n\n')
  return `## \`@hotshelf/cache${subpath.slice(1)}\`\n\n${found.length} names.\n\n\`\`\`ts\n${code}\n\`\`\`\n`
}

export function cacheApiPage() {
  const { exports } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))
  const sections = Object.entries(exports).map(section)
  const text = `# The public interface of \`@hotshelf/cache\`

Written by \`npm run docs\` from the compiled declarations; what is not here may change without notice.

${sections.join('\n')}`
  return { path: 'packages/cache/api.md', text }
}
