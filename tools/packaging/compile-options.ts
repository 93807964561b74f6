/**
 * Flags of `bun build` for the single executable. Without the last four it reads `.env`, `bunfig.toml` (whose `preload` it runs),
 * `tsconfig.json` and `package.json` of the directory that the user stands in.
 */
export const compileOptions = [
  '--compile',
  '--minify',
  // Nothing has to be parsed at the start.
  '--bytecode',
  '--format=esm',
  '--no-compile-autoload-dotenv',
  '--no-compile-autoload-bunfig',
  '--no-compile-autoload-tsconfig',
  '--no-compile-autoload-package-json',
] as const
