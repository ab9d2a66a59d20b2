import { describe, expect, it } from 'vitest'
import { requestSplitter } from './requests.ts'

/** The command lines found, whichever way the bytes were cut; and nothing lost on the way. */
function lines(text: string, size: number): readonly string[] {
  const split = requestSplitter()
  const found: string[] = []
  let passed = ''
  for (let at = 0; at < text.length; at += size) {
    for (const piece of split(Buffer.from(text.slice(at, at + size)))) {
      passed += piece.bytes.toString()
      if ('line' in piece) found.push(piece.line)
    }
  }
  expect(passed).toBe(text)
  return found
}

describe('requests of the text protocol', () => {
  it.each([1, 2, 7, 1000])('are found among data, cut every %i bytes', size => {
    const value = 'config get cluster\r\n'
    const text = [
      `set k 0 0 ${value.length}\r\n${value}\r\n`,
      `cas k 0 0 4 99 noreply\r\n\r\n\r\n\r\n`,
      `ms k S3\r\nget\r\n`,
      'config get cluster\r\n',
      'get a b\n',
    ].join('')
    expect(lines(text, size)).toEqual([
      'set k 0 0 20',
      'cas k 0 0 4 99 noreply',
      'ms k S3',
      'config get cluster',
      'get a b',
    ])
  })

  it('pass a line through that is too long to be one of ours', () => {
    const long = `get ${'k'.repeat(5000)}\r\n`
    expect(lines(`${long}config get cluster\r\n`, 64)).toEqual(['config get cluster'])
  })
})
