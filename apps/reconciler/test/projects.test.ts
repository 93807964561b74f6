import { randomUUID } from 'node:crypto'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chooseTargets } from '@hyperkit/conformance'
import { fingerprintOf } from '@hyperkit/files'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { describeReal, type OpenServer, openEmbedded, openOver } from './open-server.ts'
import { applyOf, outcomesOf, planOf } from './plan-and-apply.ts'

const folder = mkdtempSync(join(tmpdir(), 'hk-projects-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const targets = (['lxd', 'incus'] as const).flatMap(
  (dialect): [string, undefined | (() => Promise<OpenServer>)][] => {
    const described = describeReal(dialect)
    return [
      [`an embedded ${dialect}`, () => openEmbedded(folder, { dialect })],
      [`a real ${dialect}`, described && (() => openOver(folder, described))],
    ]
  },
)

describe.each(chooseTargets(targets))('two projects of %s', (_, open) => {
  let server: OpenServer
  const id = `j${randomUUID().slice(0, 8)}`
  const [own, shared] = [`${id}-own`, `${id}-shared`]
  const projects = { own, shared }

  beforeAll(async () => {
    if (open === undefined) return
    server = await open()
    for (const [name, config] of [
      [own, {}],
      [shared, { 'features.images': 'false', 'features.profiles': 'false' }],
    ] as const)
      await server.client.request({ method: 'POST', path: '/1.0/projects', json: { name, config } })
  })
  afterAll(async () => {
    if (open === undefined) return
    for (const { images } of [server.client, server.client.project(own)])
      for (const { fingerprint, properties } of await images.list())
        if (properties['hyperkit.manifest']?.startsWith(id)) await images.delete(fingerprint)
    for (const name of [own, shared])
      await server.client.request({ method: 'DELETE', path: `/1.0/projects/${name}` })
    await server.close()
  })
  beforeEach((context) => {
    if (open === undefined) context.skip('HYPERKIT_SERVERS names no such server')
  })

  const manifest = join(folder, `${id}.yaml`)
  const write = (name: string, project: keyof typeof projects, images: string): void => {
    const there = server.yaml.replace(/ \}$/, `, project: ${projects[project]} }`)
    const servers = `servers:\n  main: ${server.yaml}\n  there: ${there}`
    writeFileSync(
      manifest,
      `version: 1\nname: ${name}\n${servers}\nimages:\n${images}\nprune: { maxDelete: 5 }\n`,
    )
  }
  const makeTwo = async (name: string): Promise<{ first: string; second: string; file: string }> => {
    const paths = ['1', '2', 'now'].map((part) => join(folder, `${name}-${part}.tar.gz`)) as [
      string,
      string,
      string,
    ]
    for (const path of paths) makeImage(path, path)
    return { first: paths[0], second: paths[1], file: paths[2] }
  }
  const deletions = async (): Promise<string[]> =>
    outcomesOf(await applyOf(manifest)).filter((line) => line.includes('delete-image'))

  test.each([
    [
      'own',
      'a project with its own images deletes what only the other project wants',
      ['there: delete-image: done'],
    ],
    ['shared', 'a project that shares images keeps what the other project wants', []],
  ] as const)('%s: %s', async (project, _sentence, gone) => {
    const name = `${id}-${project}-keep`
    const { first, second, file } = await makeTwo(name)
    const images = `  - { name: ${name}, source: { file: ${file} }, servers: [there], keep: 1 }
  - { name: ${name}-old, source: { file: ${first} }, servers: [main] }`
    write(name, project, images)
    copyFileSync(first, file)
    await applyOf(manifest)
    copyFileSync(second, file)
    expect(await deletions()).toEqual(gone)
    const { fingerprint } = await fingerprintOf(first)
    expect(await server.client.images.find(fingerprint)).toBeDefined()
    expect((await planOf(manifest)).servers).toMatchObject([{ changes: [] }, { changes: [] }])
  })

  test.each([
    ['own', ['main: delete-image: done', 'there: delete-image: done']],
    ['shared', ['main: delete-image: done']],
  ] as const)(
    '%s: an image that neither project needs any more is deleted once from each store of images',
    async (project, gone) => {
      const name = `${id}-${project}-both`
      const { first, second, file } = await makeTwo(name)
      write(name, project, `  - { name: ${name}, source: { file: ${file} }, keep: 1 }`)
      copyFileSync(first, file)
      await applyOf(manifest)
      copyFileSync(second, file)
      expect((await deletions()).sort()).toEqual(gone)
      expect((await planOf(manifest)).servers).toMatchObject([{ changes: [] }, { changes: [] }])
    },
  )
})
