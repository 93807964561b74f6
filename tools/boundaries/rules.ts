/**
 * The allowed imports between folders, as data. To change an arrow, change a line here and the map in ARCHITECTURE.md.
 * Keys and values of `arrows` are folders; arrows point down only, so two folders never list each other.
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
 * Rooms are the folders below `<workspace>/src`. A folder inside a room, or a file directly in `src`, is also a room if it has its
 * own line; without one, no room may import such a file.
 */
export interface RoomRules {
  /** The direction of the data: a room imports only from rooms before it. Rooms that are not listed are not checked. */
  order: readonly string[]
  /** Rooms that take data and return data. They import values only from pure rooms, and types from all rooms before them. */
  pure: readonly string[]
  /** Entries of packages and modules of the runtime that are pure too, so pure rooms may import values from them. */
  pureImports?: readonly string[]
}

/** The packages that a user's program imports. */
const library = ['packages/core', 'packages/connect', 'packages/files'] as const

/** The same with the embedded server. Only tests, the rehearsal of examples and `npm start` import it, so no published command does. */
const libraryAndServer = [...library, 'packages/embedded'] as const

export const rules: Rules = {
  arrows: {
    'packages/core': [],
    'packages/files': ['packages/core'],
    'packages/connect': ['packages/core', 'packages/files'],
    'packages/embedded': ['packages/core', 'packages/connect'],
    'packages/conformance': libraryAndServer,
    'packages/terminal': [],
    'packages/script': [...library, 'packages/terminal'],
    'packages/reconcile': [...library, 'packages/terminal'],
    'apps/reconciler': ['packages/core', 'packages/terminal', 'packages/reconcile', 'packages/script'],
    // The only import of an app, because `hyperkit plan` runs the reconciler's command in the same process.
    'apps/runner': ['packages/core', 'packages/script', 'packages/terminal', 'scripts', 'apps/reconciler'],
    tools: [
      ...libraryAndServer,
      'packages/script',
      'packages/reconcile',
      'packages/terminal',
      'packages/conformance',
      // The bundler writes down the help of all commands.
      'scripts',
      'apps/reconciler',
      'apps/runner',
    ],
    scripts: [...library, 'packages/script'],
    examples: library,
  },

  // Tests use the embedded server, and reach it as users reach theirs. It is resolved through the workspace and
  // not declared, because a declared core -> embedded would be a circle for npm and turbo.
  testArrows: [...libraryAndServer, 'packages/conformance'],

  // Packages that a bundled command does not contain; they are declared although no source of the app imports them. `ws` differs between
  // the runtimes and is needed for events only; connect imports it, and connect is in the bundle.
  leftOutside: { 'apps/runner': ['ws'], 'apps/reconciler': ['ws'] },

  // A package, or an entry with everything that it imports -> the only packages that it may import. It also may not use `node:`
  // modules or globals of a runtime.
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
        'cluster',
        'fingerprints',
        'aliases',
        'certificates',
        'locks',
        'images',
        'simplestreams',
        'registries',
        'client.ts',
        'copy',
      ],
      pure: ['model'],
    },
    'packages/connect': {
      order: [
        'disk',
        'certificates',
        'transport',
        'recording',
        'oidc',
        'configuration',
        'streams',
        'registries',
        'trust',
      ],
      pure: [],
    },
    'packages/files': {
      order: ['disk', 'write', 'integrity', 'metadata', 'fingerprint', 'upload', 'save'],
      pure: [],
    },
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
        'cluster',
        'call',
        'archive',
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
        'is-script.ts',
        'define-script.ts',
        'run',
        'catalogue',
        'completion',
        'web',
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
        'programs',
        'identity',
        'documents',
        'manifest',
        'ownership',
        'sources',
        'desired',
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
        'audit',
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

  // devDependencies of the root that are run or read, but never imported.
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
