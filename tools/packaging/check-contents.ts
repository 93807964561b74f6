/**
 * Finds problems with the files of one package. A package contains the compiled files, and the sources without tests, so that
 * source maps and "go to definition" work.
 *
 * @param files paths inside the tarball
 * @param bundled names of the scripts that its command contains
 */
export function checkContents(files: readonly string[], bundled: readonly string[] = []): string[] {
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
  for (const name of bundled)
    if (!all.has(`dist/command/scripts/${name}.js`))
      problems.push(`dist/command/scripts/${name}.js is missing: run \`npm run build\``)
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
    ...bundled.map((name) => `dist/command/scripts/${name}.js`),
    // The bundled command; the bundler chooses the names of its other files.
    ...(bundled.length === 0 ? [] : files.filter((file) => /^dist\/command\/[\w-]+\.(?:js|txt)$/.test(file))),
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

function outputsOf(source: string): string[] {
  const stem = `dist/${source.replace(/^src\//, '').replace(/\.ts$/, '')}`
  return [`${stem}.js`, `${stem}.js.map`, `${stem}.d.ts`, `${stem}.d.ts.map`]
}
