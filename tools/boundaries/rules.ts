/**
 * Who may import whom, as data. To move an arrow, change a line here and the map in ARCHITECTURE.md with it.
 * Keys and values of `arrows` are folders; arrows point down only, so no folder lists one that lists it.
 */
export interface Rules {
  arrows: Record<string, readonly string[]>
  testArrows: readonly string[]
  leftOutside: Record<string, readonly string[]>
  runtimeFree: Record<string, readonly string[]>
  rooms: Record<string, RoomRules>
  toolsNobodyImports: Record<string, string>
  maxLines: number
  forbiddenNames: readonly string[]
}

/** Rooms are the folders below `<workspace>/src`; a folder inside a room is one too if it has a line of its own. */
export interface RoomRules {
  /** As data passes through them: a room imports only from rooms before it. Rooms not named here are free in this. */
  order: readonly string[]
  /** They take data and return data; they import values from pure rooms only, and types from anywhere before them. */
  pure: readonly string[]
  /** Entries of packages that take data and return data too: pure rooms import values of these. */
  pureImports?: readonly string[]
}

const everyPackage = ['packages/core', 'packages/connect', 'packages/files', 'packages/embedded'] as const

export const rules: Rules = {
  arrows: {
    'packages/core': [],
    'packages/connect': ['packages/core'],
    'packages/files': ['packages/core'],
    'packages/embedded': ['packages/core'],
    'packages/conformance': everyPackage,
    'packages/terminal': [],
    'packages/script': ['packages/core', 'packages/connect', 'packages/files', 'packages/terminal'],
    'packages/reconcile': ['packages/core', 'packages/connect', 'packages/files', 'packages/terminal'],
    'apps/reconciler': ['packages/core', 'packages/connect', 'packages/terminal', 'packages/reconcile'],
    'apps/runner': ['packages/core', 'packages/connect', 'packages/script', 'packages/terminal', 'scripts'],
    tools: [
      ...everyPackage,
      'packages/script',
      'packages/reconcile',
      'packages/terminal',
      'packages/conformance',
    ],
    scripts: [...everyPackage, 'packages/script'],
    examples: everyPackage,
  },

  // Tests talk to a real server: the embedded one, reached the way users reach theirs. It is resolved through the
  // workspace and not declared, because a declared core -> embedded would be a circle for npm and turbo.
  testArrows: [...everyPackage, 'packages/conformance'],

  // What a bundled command still loads from beside it, declared though no source of the package imports it.
  leftOutside: { 'apps/runner': ['ws', '@hyperkit/scripts'] },

  // Folder -> the only packages that it may import. It also uses no `node:` module and no runtime's own globals.
  runtimeFree: { 'packages/core': ['ky', 'valibot'] },

  rooms: {
    'packages/core': {
      order: [
        'model',
        'errors',
        'transport',
        'tokens',
        'tapes',
        'arguments',
        'bytes',
        'http',
        'events',
        'operations',
        'fingerprints',
        'aliases',
        'certificates',
        'images',
        'simplestreams',
        'copy',
      ],
      pure: ['model'],
    },
    'packages/script': {
      order: ['arguments', 'output', 'client', 'records', 'run'],
      pure: ['arguments', 'output'],
      pureImports: ['@hyperkit/terminal/text'],
    },
    'apps/runner': { order: ['catalogue', 'own', 'completion'], pure: [] },
    'packages/reconcile': {
      order: [
        'concurrency',
        'identity',
        'manifest',
        'ownership',
        'sources',
        'desired',
        'disk',
        'desired/lock',
        'observed',
        'export',
        'export/bundle',
        'plan',
        'plan/guard',
        'plan/plan-file',
        'watch/queue',
        'render',
        'render/schema',
        'apply',
        'notify',
        'watch/metrics',
        'watch',
        'run',
      ],
      pure: ['identity', 'ownership', 'export', 'plan', 'watch/queue', 'render', 'watch/metrics'],
      pureImports: ['@hyperkit/terminal/text'],
    },
  },

  // Root devDependencies that are run or read, never imported.
  toolsNobodyImports: {
    '@arethetypeswrong/cli': 'packaging check',
    '@biomejs/biome': 'format and lint',
    '@changesets/cli': 'releases',
    '@types/node': 'types of Node 20, pinned so that newer API does not compile',
    'bun-types': 'types of Bun',
    bun: 'runs the scripts and the tests',
    deno: 'runs the tests',
    publint: 'packaging check',
    turbo: 'build and typecheck',
    typescript: 'build and typecheck',
    workerd: 'runs core as an edge worker',
  },

  maxLines: 400,
  forbiddenNames: ['util', 'utils', 'helper', 'helpers', 'common'],
}
