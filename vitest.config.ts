import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { CountReporter } from './scripts/count-reporter.mjs'
import { LongestFirst } from './scripts/longest-first.mjs'

/** Tests run on the sources, so a failing line is the line you wrote; process-level tests start the built server. */
const sources = [
  { find: /^@hotshelf\/([a-z]+)$/, replacement: new URL('./packages/', import.meta.url).pathname + '$1/src/index.ts' },
  {
    find: /^@hotshelf\/cache\/sources$/,
    replacement: new URL('./packages/cache/src/sources/index.ts', import.meta.url).pathname,
  },
]

export default defineConfig({
  resolve: { alias: sources },
  test: {
    sequence: { sequencer: LongestFirst },
    reporters: ['default', new CountReporter()],
    // Pinned and tested on Node 20; its notice would stand above every run.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'tests/workspace/**/*.test.ts'],
          isolate: false,
          pool: 'threads',
          testTimeout: 20_000,
          maxWorkers: availableParallelism(),
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'scenarios',
          include: ['tests/**/*.scenario.ts', 'packages/*/src/**/*.scenario.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
