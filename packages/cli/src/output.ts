/**
 * How answers look: tables and trees for people, JSON for scripts. Colours only on a terminal, and never with NO_COLOR.
 */
import { styleText } from 'node:util'
import Table from 'cli-table3'

/** Where a command writes; tests and `--json` give others. */
export interface Output {
  readonly json: boolean
  /** One line (or several) to stdout. */
  say(text: string): void
  /** To stderr, so that a pipe stays clean. */
  note(text: string): void
}

export const openOutput = (json: boolean): Output => ({
  json,
  say: text => void process.stdout.write(`${text}\n`),
  note: text => void process.stderr.write(`${text}\n`),
})

/** Whether a person watches and may be shown colours and progress. */
export const onTerminal = (): boolean => process.stdout.isTTY === true && !process.env.CI

type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan'

export const paint = (style: Style, text: string): string =>
  process.stdout.isTTY && !process.env.NO_COLOR ? styleText(style, text) : text

const calm = new Set(['available', 'ready', 'ok'])
const bad = new Set(['create-failed', 'problem', 'degraded'])

/** A status in its colour: green is fine, red needs somebody, yellow is under way. */
export function paintStatus(status: string): string {
  if (calm.has(status)) return paint('green', status)
  return paint(bad.has(status) ? 'red' : 'yellow', status)
}

/** Columns without lines around them. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const drawn = new Table({
    head: head.map(text => paint('dim', text)),
    chars: borderless,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  })
  drawn.push(...rows.map(row => [...row]))
  return withoutTrailingSpace(drawn.toString())
}

const borderless = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid'].flatMap(side => [
    [side, ''],
    [`${side}-mid`, ''],
    [`${side}-left`, ''],
    [`${side}-right`, ''],
    ['middle', ''],
  ]),
)

export interface Branch {
  readonly label: string
  readonly below?: readonly Branch[]
}

/** A tree drawn with lines; labels of one level are not aligned here: pad them first. */
export function tree(root: Branch): string {
  const lines = [root.label]
  const draw = (branches: readonly Branch[], indent: string): void => {
    for (const [index, branch] of branches.entries()) {
      const last = index === branches.length - 1
      lines.push(`${indent}${paint('dim', last ? '└─' : '├─')} ${branch.label}`)
      draw(branch.below ?? [], `${indent}${last ? ' ' : paint('dim', '│')}  `)
    }
  }
  draw(root.below ?? [], '')
  return withoutTrailingSpace(lines.join('\n'))
}

/** Pads every column to its widest cell, so that rows under different branches stand in line. */
export function align(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => width(row[column] ?? ''))))
  return rows.map(row => row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - width(cell))).join('  '))
}

// eslint-disable-next-line no-control-regex -- colours take no room on the screen
const width = (text: string): number => text.replaceAll(/\u001b\[[0-9;]*m/g, '').length

const withoutTrailingSpace = (text: string): string => text.replaceAll(/[ \t]+$/gm, '')

/** `1.5 MiB`; memory is counted in powers of two. */
export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = count
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`
}
