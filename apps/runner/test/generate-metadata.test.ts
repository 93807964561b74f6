import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeSplitImage } from '@hyperkit/conformance'
import { expect, test } from 'vitest'
import { describeServers } from './describe-servers.ts'
import { ctrlC, noTerminal, onTerminal } from './on-terminal.ts'

const flags = ['--os', 'Tiny', '--release', '1', '--property', 'team=web']

describeServers('generate-metadata', (scene) => {
  test.each(['tar.xz', 'tar.gz', 'tar'])(
    'a server takes the metadata of a %s with a rootfs',
    async (suffix) => {
      const { rootfs } = await makeSplitImage({
        directory: scene.cwd,
        name: `${scene.id}-${suffix}`,
        rootfs: 'squashfs',
      })
      const path = `${scene.id}.${suffix}`
      const made = await scene.run('generate-metadata', path, ...flags)
      expect([made.code, made.stdout, made.stderr]).toEqual([0, `${path}\n`, ''])
      const imported = await scene.run('import', path, rootfs.path, '--json')
      const { fingerprint } = JSON.parse(imported.stdout) as { fingerprint: string }
      scene.forget(fingerprint)
      const { properties, architecture, createdAt } = await scene.client().images.get(fingerprint)
      expect(properties).toMatchObject({ os: 'Tiny', release: '1', variant: 'default', team: 'web' })
      expect(properties.description).toBe(`Tiny 1 (${architecture}) (${properties.serial})`)
      expect(Math.abs((createdAt?.getTime() ?? 0) - Date.now())).toBeLessThan(600_000)
    },
  )

  test('an existing file is overwritten only with --force, and metadata.yaml can be made alone', async () => {
    const path = `${scene.id}-once.yaml`
    expect((await scene.run('generate-metadata', path, ...flags)).code).toBe(0)
    const before = readFileSync(join(scene.cwd, path), 'utf8')
    expect(before).toMatch(/^architecture: \w+\ncreation_date: \d+\nproperties:\n {2}os: Tiny\n/)
    const refused = await scene.run('generate-metadata', path, '--os', 'Other', '--release', '2')
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining('exists already; choose another name, or use --force to replace it'),
    ])
    expect(readFileSync(join(scene.cwd, path), 'utf8')).toBe(before)
    expect(
      (await scene.run('generate-metadata', path, '--os', 'Other', '--release', '2', '--force')).code,
    ).toBe(0)
    const printed = await scene.run('generate-metadata', ...flags)
    expect(printed.stdout).toContain('  team: web\n')
  })

  test('generate-metadata asks on a terminal for values that no flag gives', async (context) => {
    if (noTerminal !== undefined) return context.skip(noTerminal)
    const path = `${scene.id}-asked.yaml`
    const { code, shown } = await onTerminal(['generate-metadata', path, '--release', '7'], {
      cwd: scene.cwd,
      environment: scene.environment(),
      answers: [
        ['Operating system name: ', 'Tiny'],
        ['Variant name [default]: ', 'cloud'],
        ['Architecture name [', ''],
        ['Description [Tiny 7 cloud (', 'Small'],
      ],
    })
    expect([code, shown.includes('Release name')]).toEqual([0, false])
    const written = readFileSync(join(scene.cwd, path), 'utf8')
    for (const line of ['os: Tiny', 'release: "7"', 'variant: cloud', 'description: Small'])
      expect(written).toContain(`  ${line}\n`)
  })

  test('Ctrl-C at a question ends generate-metadata and reports that nothing was done', async (context) => {
    if (noTerminal !== undefined) return context.skip(noTerminal)
    const path = `${scene.id}-interrupted.yaml`
    const { code, shown } = await onTerminal(['generate-metadata', path], {
      cwd: scene.cwd,
      environment: scene.environment(),
      answers: [['Operating system name: ', ctrlC]],
    })
    expect(shown).toContain('Interrupted by SIGINT: nothing was done')
    expect([code, existsSync(join(scene.cwd, path))]).toEqual([130, false])
  })

  test.each([
    [['x.tar.gz', '--release', '1'], '"--os" is missing'],
    [['x.zip', ...flags], 'end it with .tar.xz, .tar.gz, .tar or .yaml'],
    [['none/x.tar', ...flags], 'Cannot write "none/x.tar": there is no such directory'],
  ])('generate-metadata %j is refused', async (args, sentence) => {
    const { code, stdout, stderr } = await scene.run('generate-metadata', ...args)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain(sentence)
  })
})
