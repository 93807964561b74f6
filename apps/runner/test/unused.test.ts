import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeImage } from '@hyperkit/conformance'
import { createSelfSignedCertificate } from '@hyperkit/connect'
import { isHyperkitError } from '@hyperkit/core'
import { uploadImage } from '@hyperkit/files'
import { expect, onTestFinished, test } from 'vitest'
import { describeServers } from './describe-servers.ts'
import { makeProject } from './make-project.ts'
import { writeRemotes } from './open-remotes.ts'
import { runHyperkit } from './start-command.ts'

describeServers('unused images', ({ run, upload, client, cwd, id }) => {
  test('an image without an alias is listed as unused, one with an alias is not', async () => {
    const [bare, named] = [await upload('bare'), await upload('named', { aliases: [`${id}/named`] })]
    const { code, stdout } = await run('unused', 'main:', '-f', 'csv')
    expect(code).toBe(0)
    expect(stdout.split('\n').map((line) => line.split(',')[0])).toContain(`main:${bare.fingerprint}`)
    expect(stdout).not.toContain(named.fingerprint)
    const listed = JSON.parse((await run('unused', '--json')).stdout) as { fingerprint: string }[]
    expect(listed.map(({ fingerprint }) => fingerprint)).toContain(bare.fingerprint)
  })

  test('unused --delete needs --yes if nobody can be asked, and deletes what it lists and nothing else', async () => {
    // Other tests have unused images in the default project of a real server.
    const project = `${id}-unused`
    const made = await makeProject(client(), project)
    onTestFinished(() => made.remove())
    const mine = client().project(project)
    const place = async (name: string, alias?: string): Promise<string> => {
      const { path } = await makeImage({ directory: cwd, name: `${id}-${name}` })
      const image = await uploadImage(mine, path, alias === undefined ? {} : { aliases: [alias] })
      return image.fingerprint
    }
    const [bare, named] = [await place('bare'), await place('named', 'kept')]
    const unused = (...flags: string[]) => run('unused', 'main:', '--project', project, '--delete', ...flags)
    const refused = await unused()
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining('there is no terminal to ask for confirmation on; give --yes'),
    ])
    expect((await unused('--dry-run')).stdout).toContain(`DELETE /1.0/images/${bare}`)
    expect(await mine.images.find(bare)).toBeDefined()
    const { code, stdout, stderr } = await unused('--yes')
    expect([code, stderr]).toEqual([0, `Deleted image ${bare} of "main"\n`])
    expect(stdout).toContain(`main:${bare}`)
    expect(await mine.images.find(bare)).toBeUndefined()
    expect(await mine.images.find(named)).toBeDefined()
  })

  test('nothing is listed as unused for a client that is not shown all instances, whether its remote names a project or not', async () => {
    const { certificate, key } = await createSelfSignedCertificate({ commonName: id })
    const { token } = await client().certificates.createToken(id, { projects: ['default'] })
    const folder = join(cwd, 'guest')
    mkdirSync(folder)
    const { certificate: serverCertificate = '' } = await client().server()
    const remotes = writeRemotes(folder, {
      guest: {
        url: client().origin,
        serverCertificate,
        clientCertificate: { cert: certificate, key },
      },
    })
    const guest = await remotes.client('guest')
    await guest.certificates.create(id, { token })
    guest.close()
    const doomed = await upload('doomed')
    onTestFinished(async () => {
      const mine = (await client().certificates.list()).filter(({ name }) => name === id)
      for (const { fingerprint } of mine) await client().certificates.delete(fingerprint)
    })
    const configuration = join(folder, 'incus', 'config.yml')
    const written = readFileSync(configuration, 'utf8')
    // `lxc remote add` writes the project into the configuration by itself (T80).
    for (const more of ['', ', project: default']) {
      writeFileSync(configuration, written.replace('public: false', `public: false${more}`))
      expect(await runHyperkit(['unused', 'guest:'], { cwd, environment: remotes.environment })).toEqual({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(
          /^Cannot tell which images of "guest" are in use: this client lacks the right to see all projects /,
        ),
      })
    }
    const deleted = await runHyperkit(['delete', `guest:${doomed.fingerprint}`], {
      cwd,
      environment: remotes.environment,
    })
    expect([deleted.code, deleted.stderr]).toEqual([
      0,
      expect.stringMatching(
        /^Warning: it is unknown whether image .* is in use: this client lacks .*\nDeleted /,
      ),
    ])
  })

  test('an image that a profile names is deleted with a warning', async (context) => {
    const used = await upload('in-a-profile')
    const profile = { name: `${id}-p`, config: { 'user.image': used.fingerprint } }
    const ask = (method: 'POST' | 'DELETE', path: string, json?: object) =>
      client().request({ method, path: `/1.0/profiles${path}`, ...(json && { json }) })
    const refused = await ask('POST', '', profile).catch((error: unknown) => error)
    if (isHyperkitError(refused, 'not-implemented')) context.skip('the embedded server has one profile')
    if (refused instanceof Error) throw refused
    onTestFinished(async () => {
      await ask('DELETE', `/${profile.name}`)
    })
    const { code, stderr } = await run('delete', used.fingerprint)
    expect([code, stderr]).toEqual([
      0,
      `Warning: image ${used.fingerprint.slice(0, 12)} of "main" is in use: an instance, a snapshot or a profile uses it\nDeleted image ${used.fingerprint} of "main"\n`,
    ])
  })
})
