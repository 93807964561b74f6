import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { explainAbsence, startServer } from '@hyperkit/conformance'
import type { ImageServerOptions } from '@hyperkit/embedded'
import { fingerprintOf, uploadImage } from '@hyperkit/files'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { type OpenServer, openEmbedded, openOver } from './open-server.ts'
import { actionsOf, applyOf, outcomesOf, planOf } from './plan-and-apply.ts'
import { runCommand } from './start-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-rules-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** An embedded server that claims to be a version with more rules. Requests that such a version would refuse must not be sent. */
function tellsMore(change: (server: ServerAnswer) => void): Pick<ImageServerOptions, 'faults'> {
  return {
    async faults(request, answer) {
      const given = await answer()
      if (new URL(request.url).pathname !== '/1.0') return given
      const body = (await given.json()) as { metadata: ServerAnswer }
      change(body.metadata)
      return Response.json(body)
    },
  }
}

interface ServerAnswer {
  api_extensions: string[]
  environment?: { server_version: string }
}

const newer = (answer: ServerAnswer): void => {
  if (answer.environment) answer.environment.server_version = '7.0.2'
}

describe.each([
  ['an embedded Incus 7.0', undefined, () => openEmbedded(folder, { dialect: 'incus', ...tellsMore(newer) })],
  [
    'a real Incus 7.0',
    explainAbsence('incus-7.0'),
    async () => {
      const server = await startServer('incus-7.0')
      const opened = await openOver(folder, server)
      return Object.assign(opened, {
        async close() {
          opened.client.close()
          await server.stop()
        },
      })
    },
  ],
] as const)('names that %s refuses', (kind, absent, open) => {
  let [strict, free]: OpenServer[] = []
  const path = join(folder, `${kind.replaceAll(/\W/g, '-')}.yaml`)
  const file = (name: string): string => join(folder, `${name}.tar.gz`)

  beforeAll(async () => {
    if (absent !== undefined) return
    strict = await open()
    free = await openEmbedded(folder, { dialect: 'lxd' })
  })
  beforeEach((context) => {
    if (absent !== undefined) context.skip(absent)
  })
  afterAll(async () => {
    await strict?.close()
    await free?.close()
  })

  const write = (images: string): void =>
    writeFileSync(
      path,
      `version: 1\nname: me\nservers: { strict: ${strict?.yaml}, free: ${free?.yaml} }\nimages:\n${images}prune: { maxDelete: 5 }\n`,
    )
  const entry = (name: string, image: string, more = ''): string =>
    `  - { name: "${name}", source: { file: "${file(image)}" }${more} }\n`

  test('a name that a server refuses stops neither pruning nor other images, on that server or on others', async () => {
    for (const name of ['one', 'two', 'odd', 'part']) makeImage(file(name), `${kind} ${name}`)
    write(entry('good', 'one', ', keep: 1'))
    expect(outcomesOf(await applyOf(path)).every((line) => line.endsWith(': done'))).toBe(true)

    write(
      entry('good', 'two', ', keep: 1') +
        entry('odd?', 'odd') +
        entry('part', 'part', ', aliases: ["part of it"]'),
    )
    const outcomes = outcomesOf(await applyOf(path))
    const names = [' odd?', ' part']
    const problems = outcomes.filter((line) => names.some((name) => line.startsWith(`strict:${name}: `)))
    expect(problems).toEqual([
      expect.stringMatching(
        /^strict: odd\?: Cannot plan image "odd\?" for "strict": the server allows none of its aliases: the name has one of .* Incus 7\.0\.2/,
      ),
      expect.stringMatching(
        /^strict: part: Cannot create alias "part of it" on "strict": the name has white space, which Incus 7\.0\.2/,
      ),
    ])
    const others = outcomes.filter((line) => !problems.includes(line))
    expect(others.filter((line) => !line.endsWith(': done'))).toEqual([])
    for (const server of ['strict', 'free']) expect(others).toContain(`${server}: delete-image: done`)

    const [one, two, odd, part] = await Promise.all(
      ['one', 'two', 'odd', 'part'].map(async (name) => (await fingerprintOf(file(name))).fingerprint),
    )
    expect((await strict?.client.images.fingerprints())?.sort()).toEqual([two, part].sort())
    expect((await free?.client.images.fingerprints())?.sort()).toEqual([two, odd, part].sort())
    expect((await free?.client.aliases.list())?.map(({ name }) => name).sort()).toEqual(
      ['good', 'odd?', 'part', 'part of it'].sort(),
    )
    expect(one).toBeDefined()
    // The next plan has no changes, and reports the same problems.
    const again = await planOf(path)
    expect(actionsOf(again)).toEqual([])
    const [planned] = again.servers
    expect(planned?.status === 'planned' && planned.problems?.map(({ error }) => error.code)).toEqual([
      'server-rule',
      'server-rule',
    ])
    expect(await runCommand(['plan', path], { cwd: folder })).toMatchObject({ code: 1 })
    expect(await runCommand(['prune', path, '--yes'], { cwd: folder })).toMatchObject({ code: 0 })
  })
})

test('an existing name that a server would refuse is moved to a new version, and deleted when it should be absent', async () => {
  const server = await openEmbedded(folder, { dialect: 'incus', ...tellsMore(newer) })
  try {
    const [path, image] = [join(folder, 'kept.yaml'), join(folder, 'kept.tar.gz')]
    const write = (state: string): void =>
      writeFileSync(
        path,
        `version: 1\nname: me\nservers: { it: ${server.yaml} }\nimages: [{ name: "odd name", ${state} }]\n`,
      )
    write(`source: { file: "${image}" }`)
    makeImage(image, 'before the upgrade')
    const { fingerprint } = await fingerprintOf(image)
    expect(outcomesOf(await applyOf(path))).toEqual([
      expect.stringContaining('the server allows none of its aliases'),
    ])
    // The name was created when the server had no such rule.
    const before = createRequest('odd name', fingerprint)
    await expect(server.client.request(before)).rejects.toThrow('404')

    await uploadImage(server.client, image)
    await server.client.request(before)
    expect(outcomesOf(await applyOf(path)).every((line) => line.endsWith(': done'))).toBe(true)
    makeImage(image, 'after the upgrade')
    expect(outcomesOf(await applyOf(path)).every((line) => line.endsWith(': done'))).toBe(true)
    expect((await server.client.aliases.get('odd name')).target).toBe(
      (await fingerprintOf(image)).fingerprint,
    )
    write('state: absent')
    expect(outcomesOf(await applyOf(path)).every((line) => line.endsWith(': done'))).toBe(true)
    expect(await server.client.aliases.list()).toEqual([])
  } finally {
    await server.close()
  }
})

const createRequest = (name: string, target: string) =>
  ({ method: 'POST', path: '/1.0/images/aliases', json: { name, target } }) as const

test('an image is reported and not sent if it should be public and the server allows that in the default project only', async () => {
  const extension = 'image_extended_metadata'
  const server = await openEmbedded(folder, {
    dialect: 'lxd',
    ...tellsMore((answer) => answer.api_extensions.push(extension)),
  })
  try {
    const json = { name: 'lab', config: { 'features.images': 'true' } }
    await server.client.request({ method: 'POST', path: '/1.0/projects', json })
    const lab = server.client.project('lab')
    const [path, image] = [join(folder, 'public.yaml'), join(folder, 'public.tar.gz')]
    makeImage(image, 'public')
    const { fingerprint } = await fingerprintOf(image)
    const write = (more: string): void =>
      writeFileSync(
        path,
        `version: 1\nname: me\nservers: { it: { ${server.yaml.slice(1, -1)}, project: lab } }\nimages: [{ name: img, source: { file: "${image}" }${more} }]\n`,
      )
    write(', public: true')
    expect(outcomesOf(await applyOf(path))).toEqual([
      expect.stringMatching(
        /^it: img: Cannot plan image "img" for "it": LXD 6\.8 and newer allow public images/,
      ),
    ])
    expect(await lab.images.fingerprints()).toEqual([])
    // The image became public before the server had the rule, and the manifest does not set "public".
    await uploadImage(lab, image, { aliases: ['img'] })
    const before = { method: 'PATCH', path: `/1.0/images/${fingerprint}`, project: 'lab' } as const
    await server.client.request({ ...before, json: { public: true } })
    write(', properties: { a: b }')
    expect(outcomesOf(await applyOf(path))).toEqual([
      expect.stringMatching(/^it: img: .* it would be changed and stay public, but .*; set "public: false"$/),
    ])
    write(', properties: { a: b }, public: false')
    expect(outcomesOf(await applyOf(path)).every((line) => line.endsWith(': done'))).toBe(true)
    expect(await lab.images.get(fingerprint)).toMatchObject({ public: false, properties: { a: 'b' } })
  } finally {
    await server.close()
  }
})

test('validate warns about names that some servers would refuse, with the rule and the place', async () => {
  const name = 'warned.yaml'
  const images = [
    '  - { name: fine, source: { file: a.tar }, public: true, servers: [a] }',
    '  - { name: "odd name", source: { file: b.tar }, public: true, aliases: [b/c] }',
    '  - { name: "old name", state: absent }',
  ]
  writeFileSync(
    join(folder, name),
    `version: 1\nname: n\nservers: { a: { remote: a }, b: { remote: b, project: lab } }\nimages:\n${images.join('\n')}\n`,
  )
  const { code, stderr } = await runCommand(['validate', name], { cwd: folder })
  expect(code).toBe(0)
  const [first, second, ...others] = stderr.trimEnd().split('\n')
  expect(first).toBe(
    'Warning: warned.yaml:6:5: alias "odd name" has white space, which Incus 6.0.5, 6.16 and newer refuse in a new alias (for "a", "b")',
  )
  expect(second).toMatch(
    /^Warning: warned\.yaml:6:5: image "odd name" is public, which LXD 6\.8 .* \(for "b"\)$/,
  )
  expect(others).toEqual([])
  const { stdout } = await runCommand(['validate', '--json', name], { cwd: folder })
  expect(JSON.parse(stdout)).toMatchObject({
    valid: true,
    problems: [],
    warnings: [{ line: 6 }, { line: 6, message: second?.replace(/^.*?6:5: /, '') }],
  })
})
