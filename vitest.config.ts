import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig } from 'vitest/config'
import SlowFirst from './tools/testing/slow-first.ts'

// Tests run on the sources, so that no build is needed between a change and its test.
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
    // This file needs a server that the environment names.
    exclude: [
      ...configDefaults.exclude,
      ...(process.env.HYPERKIT_CASES_ON ? [] : ['packages/conformance/test/named-server.test.ts']),
    ],
    // No test is tried a second time: what needs it has a fault. Tests mostly wait for daemons, so running two files at once is faster even on two cores.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Each file would start a process and read all modules again, a quarter of the time. Tests therefore leave nothing behind in modules.
    isolate: false,
    globalSetup: 'tools/testing/built-commands.ts',
    sequence: { sequencer: SlowFirst },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
