import { expect, test } from 'vitest'
import { describeServers } from './describe-servers.ts'

describeServers('unused images', ({ run, upload, id }) => {
  test('one without an alias is listed, one with an alias is not', async () => {
    const [bare, named] = [await upload('bare'), await upload('named', { aliases: [`${id}/named`] })]
    const { code, stdout } = await run('unused', 'main:', '-f', 'csv')
    expect(code).toBe(0)
    expect(stdout).toContain(bare.fingerprint)
    expect(stdout).not.toContain(named.fingerprint)
    const listed = JSON.parse((await run('unused', '--json')).stdout) as { fingerprint: string }[]
    expect(listed.map(({ fingerprint }) => fingerprint)).toContain(bare.fingerprint)
  })
})
