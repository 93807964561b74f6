import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSelfSignedCertificate } from '@hyperkit/embedded'
import { expect, onTestFinished, test } from 'vitest'
import { describeServers } from './describe-servers.ts'
import { writeRemotes } from './open-remotes.ts'
import { runHyperkit } from './start-command.ts'

describeServers('unused images', ({ run, upload, client, cwd, id }) => {
  test('one without an alias is listed, one with an alias is not', async () => {
    const [bare, named] = [await upload('bare'), await upload('named', { aliases: [`${id}/named`] })]
    const { code, stdout } = await run('unused', 'main:', '-f', 'csv')
    expect(code).toBe(0)
    expect(stdout).toContain(bare.fingerprint)
    expect(stdout).not.toContain(named.fingerprint)
    const listed = JSON.parse((await run('unused', '--json')).stdout) as { fingerprint: string }[]
    expect(listed.map(({ fingerprint }) => fingerprint)).toContain(bare.fingerprint)
  })

  test('nothing is listed for a client that is not shown all instances, whether its remote names a project or not', async () => {
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
    onTestFinished(async () => {
      const mine = (await client().certificates.list()).filter(({ name }) => name === id)
      for (const { fingerprint } of mine) await client().certificates.delete(fingerprint)
    })
    const configuration = join(folder, 'incus', 'config.yml')
    const written = readFileSync(configuration, 'utf8')
    // LXD's client writes the project by itself.
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
  })
})
