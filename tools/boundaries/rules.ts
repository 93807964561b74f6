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

/**
 * Rooms are the folders below `<workspace>/src`. A folder inside a room is one too if it has a line of its own, and so is a file of
 * `src` itself; without one, no room may import it.
 */
export interface RoomRules {
  /** As data passes through them: a room imports only from rooms before it. Rooms not named here are free in this. */
  order: readonly string[]
  /** They take data and return data; they import values from pure rooms only, and types from anywhere before them. */
  pure: readonly string[]
  /** Entries of packages, and modules of the runtime, that take data and return data too: pure rooms import values of these. */
  pureImports?: readonly string[]
}

/** What a program of a user's imports. */
const library = ['packages/core', 'packages/connect', 'packages/files'] as const

/** With the server to try it on. Of what ships nothing imports that one: only tests, the rehearsal and `npm start` do. */
const libraryAndServer = [...library, 'packages/embedded'] as const

export const rules: Rules = {
  arrows: {
    'packages/core': [],
    'packages/connect': ['packages/core'],
    'packages/files': ['packages/core'],
    'packages/embedded': ['packages/core', 'packages/connect'],
    'packages/conformance': libraryAndServer,
    'packages/terminal': [],
    'packages/script': [...library, 'packages/terminal'],
    'packages/reconcile': [...library, 'packages/terminal'],
    'apps/reconciler': ['packages/core', 'packages/terminal', 'packages/reconcile', 'packages/script'],
    // The one import of an app: `hyperkit plan` is the reconciler's command, in the same process.
    'apps/runner': ['packages/core', 'packages/script', 'packages/terminal', 'scripts', 'apps/reconciler'],
    tools: [
      ...libraryAndServer,
      'packages/script',
      'packages/reconcile',
      'packages/terminal',
      'packages/conformance',
    ],
    scripts: [...library, 'packages/script'],
    examples: library,
  },

  // Tests talk to a real server: the embedded one, reached the way users reach theirs. It is resolved through the
  // workspace and not declared, because a declared core -> embedded would be a circle for npm and turbo.
  testArrows: [...libraryAndServer, 'packages/conformance'],

  // What a bundled command still loads from beside it, declared though no source of the package imports it. `ws` differs between the
  // runtimes, and is needed for events only; connect imports it, and the bundle has connect inside.
  leftOutside: { 'apps/runner': ['ws'] },

  // Package, or an entry with all that it leads to -> the only packages that it may import. It also uses no `node:` module and
  // no runtime's own globals.
  runtimeFree: {
    'packages/core': ['ky', 'valibot'],
    'packages/reconcile/src/documents.ts': ['valibot', '@valibot/to-json-schema'],
  },

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
        'client.ts',
        'copy',
      ],
      pure: ['model'],
    },
    'packages/connect': {
      order: ['disk', 'certificates', 'transport', 'recording', 'oidc', 'configuration', 'streams', 'trust'],
      pure: [],
    },
    'packages/files': { order: ['disk', 'fingerprint', 'upload', 'save'], pure: [] },
    'packages/embedded': {
      order: [
        'answer',
        'json',
        'dialect',
        'store',
        'records',
        'trust',
        'operations',
        'events',
        'call',
        'archive',
        'multipart',
        'ingest',
        'export',
        'remote',
        'creation',
        'sources',
        'publish',
        'handlers',
        'server',
        'replay',
      ],
      pure: [],
    },
    'packages/script': {
      order: [
        'arguments',
        'output',
        'console',
        'client',
        'records',
        'script.ts',
        'define-script.ts',
        'run',
        'catalogue',
        'completion',
        'program',
      ],
      pure: ['arguments', 'output'],
      pureImports: ['@hyperkit/terminal/text', 'node:util'],
    },
    'apps/runner': { order: ['catalogue', 'own'], pure: [] },
    'apps/reconciler': { order: ['descriptions.ts', 'arguments', 'run', 'commands'], pure: [] },
    'packages/reconcile': {
      order: [
        'concurrency',
        'identity',
        'documents',
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
      pure: [
        'identity',
        'documents',
        'ownership',
        'export',
        'plan',
        'watch/queue',
        'render',
        'watch/metrics',
      ],
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
