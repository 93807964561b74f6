import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeServers, type Scene } from './describe-servers.ts'
import { noTerminal, onTerminal } from './on-terminal.ts'

describeServers('edit', (scene) => {
  const make = (name: string) => scene.upload(name, { aliases: [`${scene.id}/${name}`] })

  test('YAML from stdin changes the keys that it has, and keeps the rest', async () => {
    const image = await make('piped')
    const input = 'properties: { release: 24.10, os: no }\npublic: true\nexpires_at: 2030-01-31T00:00:00Z\n'
    const { code, stdout, stderr } = await scene.runWith({ input }, 'edit', `main:${scene.id}/piped`)
    expect([code, stdout, stderr]).toEqual([0, '', ''])
    const edited = await scene.client().images.get(image.fingerprint)
    expect(edited).toMatchObject({
      public: true,
      autoUpdate: false,
      properties: { release: '24.10', os: 'no' },
      profiles: ['default'],
    })
    expect(edited.expiresAt?.toISOString()).toBe('2030-01-31T00:00:00.000Z')
    await scene.runWith({ input: 'expires_at: 0001-01-01T00:00:00Z' }, 'edit', image.fingerprint)
    expect((await scene.client().images.get(image.fingerprint)).expiresAt).toBeUndefined()
  })

  test('edit accepts the output of show, and sends nothing if nothing changed', async () => {
    await make('again')
    const { stdout: shown } = await scene.run('show', `${scene.id}/again`)
    const same = await scene.runWith({ input: shown }, 'edit', `${scene.id}/again`)
    expect([same.code, same.stderr]).toEqual([0, 'Nothing to change: the image has these values already\n'])
    const input = shown.replace(`os: ${scene.id}`, 'os: other')
    const planned = await scene.runWith({ input }, 'edit', `${scene.id}/again`, '--dry-run')
    expect(planned.stdout).toMatch(/^would send to main: PUT \/1\.0\/images\/[0-9a-f]{64}\n {2}if-match: /)
    expect((await scene.runWith({ input }, 'edit', `${scene.id}/again`)).code).toBe(0)
    expect((await scene.client().images.getByAlias(`${scene.id}/again`)).properties).toEqual({ os: 'other' })
  })

  test('invalid YAML is reported, and nothing is sent', async () => {
    const image = await make('wrong')
    for (const [input, sentence] of [
      ['', 'stdin does not describe an image'],
      ['- public', 'stdin does not describe an image'],
      ['properties:\n  os: a\n os: b\n', 'stdin:3:'],
      ['public: maybe', 'stdin: "public" cannot be "maybe": it must be true or false'],
      ['properties: { os: { deep: x } }', 'stdin: "properties.os" cannot be'],
      ['expires_at: soon', 'it must be a date such as 2030-01-31T00:00:00Z'],
      ['publik: true', 'stdin: there is no field "publik"; known fields: auto_update, properties'],
      ['aliases: []', 'stdin: "aliases" cannot be edited; "alias set" and "alias delete" change aliases'],
      [`fingerprint: ${'0'.repeat(64)}`, 'stdin: "fingerprint" cannot be edited'],
    ] as const) {
      const { code, stderr } = await scene.runWith({ input }, 'edit', image.fingerprint)
      expect([code, stderr]).toEqual([1, expect.stringContaining(sentence)])
    }
    expect((await scene.client().images.get(image.fingerprint)).etag).toBe(image.etag)
  })

  test('edit opens the editor on a terminal; invalid text is edited again, or kept', async (context) => {
    if (noTerminal !== undefined) return context.skip(noTerminal)
    const image = await make('terminal')
    const saved = await editOnTerminal(scene, 's/^public: false/public: true/', [], image.fingerprint)
    expect(saved.code).toBe(0)
    expect((await scene.client().images.get(image.fingerprint)).public).toBe(true)
    expect(saved.drafts).toEqual([])

    const broken = await editOnTerminal(scene, 's/^public: true/public: [/', ['n'], image.fingerprint)
    expect(broken.code).toBe(1)
    expect(broken.shown).toContain('Edit again?')
    const [folder = ''] = broken.drafts
    expect(broken.shown).toContain(folder)
    const [draft = ''] = readdirSync(join(broken.temporary, folder))
    expect(readFileSync(join(broken.temporary, folder, draft), 'utf8')).toContain('public: [')

    const unchanged = await editOnTerminal(scene, 's/nothing/at all/', [], image.fingerprint)
    expect([unchanged.code, unchanged.shown.includes('Nothing to change')]).toEqual([0, true])
  })

  test('edit does not overwrite a concurrent change, and keeps the text', async (context) => {
    if (noTerminal !== undefined) return context.skip(noTerminal)
    const image = await make('raced')
    const { client } = scene
    const raced = await editOnTerminal(scene, 's/^public: false/public: true/', [], image.fingerprint, () =>
      client().images.patch(image.fingerprint, { properties: { meanwhile: 'yes' } }),
    )
    expect(raced.code).toBe(1)
    expect(raced.shown.replace(/\s+/g, ' ')).toContain('your text is kept in')
    expect(raced.drafts).toHaveLength(1)
    expect(await client().images.get(image.fingerprint)).toMatchObject({
      public: false,
      properties: { meanwhile: 'yes' },
    })
  })
})

interface Edited {
  code: number | null
  shown: string
  /** The folder in which drafts are made. */
  temporary: string
  /** The folders of drafts that still exist. */
  drafts: string[]
}

/**
 * Runs `hyperkit edit` on a terminal with an editor that applies a sed command.
 *
 * @param answers what is typed at its questions
 * @param meanwhile called while the editor is open
 */
async function editOnTerminal(
  scene: Scene,
  sed: string,
  answers: readonly string[],
  image: string,
  meanwhile?: () => Promise<unknown>,
): Promise<Edited> {
  const temporary = execFileSync('mktemp', ['-d', join(scene.cwd, 'drafts-XXXX')], {
    encoding: 'utf8',
  }).trim()
  const [editor, opened, go] = ['editor', 'opened', 'go'].map((name) => join(temporary, name)) as [
    string,
    string,
    string,
  ]
  const wait = meanwhile === undefined ? '' : `echo > ${opened}; while [ ! -e ${go} ]; do sleep 0.05; done\n`
  writeFileSync(editor, `#!/bin/sh\n${wait}exec sed -i '${sed}' "$1"\n`, { mode: 0o755 })
  const ended = onTerminal(['edit', image], {
    cwd: scene.cwd,
    environment: { ...scene.environment(), VISUAL: '', EDITOR: editor, TMPDIR: temporary },
    answers: answers.map((answer) => ['[y/N]', answer]),
  })
  if (meanwhile !== undefined) {
    await expect.poll(() => existsSync(opened), { timeout: 60_000 }).toBe(true)
    await meanwhile()
    writeFileSync(go, '')
  }
  const { code, shown } = await ended
  const drafts = readdirSync(temporary).filter((name) => name.startsWith('hyperkit-'))
  return { code, shown, temporary, drafts }
}
