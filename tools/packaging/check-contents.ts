/**
 * Finds problems with the files of one package. A package contains the compiled files, and the sources without tests, so that
 * source maps and "go to definition" work.
 *
 * @param files paths inside the tarball
 * @param command its bundled command, and the names of the commands that this has
 */
export function checkContents(
  files: readonly string[],
  command?: { name: string; outlined: readonly string[] },
): string[] {
  const all = new Set(files)
  const problems = ['package.json', 'README.md', 'LICENSE']
    .filter((name) => !all.has(name))
    .map((name) => `${name} is missing`)
  const sources = files.filter((file) => /^(?:src\/.*|[\w-]+)\.ts$/.test(file))
  for (const source of sources) {
    if (/\.test\.ts$/.test(source))
      problems.push(`${source} is a test: exclude it in "files" of package.json`)
    else
      problems.push(
        ...outputsOf(source)
          .filter((file) => !all.has(file))
          .map((file) => `${file} is missing: run \`npm run build\``),
      )
  }
  const bundled = command === undefined ? [] : filesOf(command)
  problems.push(
    ...bundled.filter((file) => !all.has(file)).map((file) => `${file} is missing: run \`npm run build\``),
  )
  const expected = new Set([
    'package.json',
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    // Commands are outside dist, because npm links them before the packages of a fresh clone are built; schemas are,
    // because editors and users read them as files.
    ...files.filter((file) => /^bin\/[\w-]+\.js$|^schema\/[\w-]+\.schema\.json$/.test(file)),
    ...sources,
    ...sources.flatMap(outputsOf),
    ...bundled,
    // The bundler chooses the names of the other files.
    ...(command === undefined
      ? []
      : files.filter((file) => /^dist\/command\/chunks\/[\w-]+\.js$/.test(file))),
  ])
  for (const file of files) {
    if (expected.has(file)) continue
    const wayOut = file.startsWith('dist/')
      ? 'its source is gone: run `npm run clean && npm run build`'
      : 'leave it out of "files"'
    problems.push(`${file} does not belong in the package: ${wayOut}`)
  }
  return problems
}

/** The files of a bundled command whose names are known. */
function filesOf({ name, outlined }: { name: string; outlined: readonly string[] }): string[] {
  return [`${name}.js`, 'LICENSES.txt', ...outlined.map((each) => `outlines/${each}.js`)].map(
    (file) => `dist/command/${file}`,
  )
}

function outputsOf(source: string): string[] {
  const stem = `dist/${source.replace(/^src\//, '').replace(/\.ts$/, '')}`
  return [`${stem}.js`, `${stem}.js.map`, `${stem}.d.ts`, `${stem}.d.ts.map`]
}
