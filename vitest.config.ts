import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig } from 'vitest/config'

// Tests run on the sources, so that no build stands between a change and its test.
const conditions = ['@hyperkit/source', 'module', 'node', 'development|production']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions }, noExternal: [/^@hyperkit\//] },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'packages/*/test/**/*.test.ts',
      'apps/*/src/**/*.test.ts',
      'apps/*/test/**/*.test.ts',
      'tools/**/*.test.ts',
    ],
    // It wants a server that somebody names.
    exclude: [
      ...configDefaults.exclude,
      ...(process.env.HYPERKIT_CASES_ON ? [] : ['packages/conformance/test/named-server.test.ts']),
    ],
    // Tests wait for daemons more than they compute, so two files at once pay on two cores, too.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Four real daemons and three runtimes on a small machine: what fails once in CI is tried once more, and is named in
    // the closing lines; what fails twice has failed.
    retry: process.env.CI ? 1 : 0,
  },
})
