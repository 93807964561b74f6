import { mkdtempSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeImage, makeSplitImage } from '@hyperkit/conformance'
import { uploadImage } from '@hyperkit/files'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeServers } from './describe-servers.ts'
import { makeProject } from './make-project.ts'
import { type OpenServer, openEmbedded, writeRemotes } from './open-remotes.ts'
import { runHyperkit } from './start-command.ts'

describeServers('verify', (scene) => {
  test('verify finds unified and split images intact', async () => {
    const image = await scene.upload('whole', { aliases: [`${scene.id}/whole`] })
    const split = await makeSplitImage({ directory: scene.cwd, name: `${scene.id}-split`, seed: scene.id })
    await uploadImage(scene.client(), { metadata: split.metadata.path, rootfs: split.rootfs.path })
    scene.forget(split.fingerprint)
    const { code, stdout } = await scene.run(
      'verify',
      `${scene.id}/whole`,
      `main:${split.fingerprint.slice(0, 12)}`,
    )
    expect([code, stdout]).toEqual([
      0,
      `ok      ${image.fingerprint}  ${scene.id}/whole\nok      ${split.fingerprint}  main:${split.fingerprint.slice(0, 12)}\n`,
    ])
  })

  test('verify --deep finds an image that was cut before it was uploaded', async () => {
    const file = await makeImage({
      directory: scene.cwd,
      name: `${scene.id}-cut`,
      seed: scene.id,
      size: 100_000,
    })
    truncateSync(file.path, file.size - 1000)
    const { fingerprint } = await uploadImage(scene.client(), file.path, { force: true })
    scene.forget(fingerprint)
    expect(await scene.run('verify', fingerprint)).toMatchObject({ code: 0 })
    const { code, stdout, stderr } = await scene.run('verify', '--deep', fingerprint)
    expect([code, stdout]).toEqual([1, `BROKEN  ${fingerprint}  ${fingerprint}\n`])
    expect(stderr).toContain(
      'its end is missing: its last member is not complete; the server got it like this',
    )
    const split = await makeSplitImage({ directory: scene.cwd, name: `${scene.id}-deep`, seed: scene.id })
    await uploadImage(scene.client(), { metadata: split.metadata.path, rootfs: split.rootfs.path })
    scene.forget(split.fingerprint)
    expect(await scene.run('verify', '--deep', split.fingerprint)).toMatchObject({ code: 0 })
  })

  test('verify of all images covers those of one project', async () => {
    const project = `${scene.id}-all`
    const made = await makeProject(scene.client(), project)
    const file = await makeImage({ directory: scene.cwd, name: `${scene.id}-all` })
    const client = scene.client().project(project)
    const image = await uploadImage(client, file.path, { aliases: [`${scene.id}/all`] })
    const all = await scene.run('verify', '--all', 'main:', '--json', '--project', project)
    await made.remove()
    expect([all.code, JSON.parse(all.stdout)]).toEqual([
      0,
      [{ image: `${scene.id}/all`, server: 'main', fingerprint: image.fingerprint, ok: true }],
    ])
  })

  test('verify refuses a missing image, an unknown one, and an image in place of a server', async () => {
    expect((await scene.run('verify')).stderr).toContain('the image is missing; give one, or "--all"')
    expect((await scene.run('verify', '--all', 'main:x')).stderr).toContain('give only servers')
    expect((await scene.run('verify', 'none')).stderr).toContain('Cannot find image "none"')
  })
})

describe('verify of an image that the disk has damaged', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'hk-verify-'))
  let server: OpenServer
  let broken: 'bytes' | 'gone' = 'bytes'
  let victim = ''
  const fingerprints: string[] = []
  let environment: Record<string, string>

  beforeAll(async () => {
    server = await openEmbedded({
      dialect: 'incus',
      faults: async (request, answer) => {
        const { pathname } = new URL(request.url)
        if (request.method !== 'GET' || pathname !== `/1.0/images/${victim}/export`) return answer()
        if (broken === 'gone')
          return Response.json({ type: 'error', error: 'no such file', error_code: 500 }, { status: 500 })
        const response = await answer()
        const bytes = new Uint8Array(await response.arrayBuffer())
        bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
        return new Response(bytes, { headers: response.headers })
      },
    })
    const remotes = writeRemotes(cwd, { main: server })
    environment = remotes.environment
    const client = await remotes.client('main')
    for (const name of ['one', 'two', 'three']) {
      const { path, fingerprint } = await makeImage({ directory: cwd, name })
      await uploadImage(client, path)
      fingerprints.push(fingerprint)
    }
    client.close()
    victim = fingerprints[1] ?? ''
  })
  afterAll(async () => {
    await server.close()
    rmSync(cwd, { recursive: true, force: true })
  })

  test.each([
    ['bytes', /^two|[0-9a-f]{64}: it is [0-9a-f]{64} \(\d+ bytes\), not /m],
    ['gone', /Cannot export image .*no such file/],
  ] as const)(
    'a corrupt image is named, the others are verified, and the exit code is 1 (%s)',
    async (how, reason) => {
      broken = how
      const { code, stdout, stderr } = await runHyperkit(['verify', ...fingerprints], { cwd, environment })
      expect(code).toBe(1)
      expect(stdout.split('\n').map((line) => line.split(' ')[0])).toEqual(['ok', 'BROKEN', 'ok', ''])
      expect(stderr).toMatch(reason)
    },
  )
})
