import { expect, test } from 'vitest'
import { describeServers } from './describe-servers.ts'

describeServers('properties and images', ({ id, run, upload, client }) => {
  test('a property is set, printed and removed, and the others stay', async () => {
    const { fingerprint } = await upload('properties', { aliases: [`${id}/p`], properties: { kept: 'yes' } })
    expect(await run('set-property', `${id}/p`, 'release', '24.04 & more=1')).toMatchObject({
      code: 0,
      stdout: '',
    })
    const { stdout } = await run('get-property', `${id}/p`, 'release')
    expect(stdout).toBe('24.04 & more=1\n')
    expect((await run('get-property', `main:${id}/p`, 'release', '--json')).stdout).toBe('"24.04 & more=1"\n')
    expect(await run('unset-property', fingerprint.slice(0, 14), 'release')).toMatchObject({ code: 0 })
    const { properties } = await client().images.get(fingerprint)
    expect(properties).toMatchObject({ kept: 'yes', os: id })
    expect(properties).not.toHaveProperty('release')
  })

  test('several properties are set and removed at once, all or none', async () => {
    const { fingerprint } = await upload('several', {
      aliases: [`${id}/several`],
      properties: { kept: 'yes' },
    })
    const read = async () => (await client().images.get(fingerprint)).properties
    const set = await run('set-property', `${id}/several`, 'release=24.04', 'k=v=w', 'user.note=a b')
    expect(set).toMatchObject({ code: 0, stdout: '', stderr: '' })
    const all = { os: id, kept: 'yes', release: '24.04', k: 'v=w', 'user.note': 'a b' }
    expect(await read()).toEqual(all)
    expect(await run('set-property', `${id}/several`, 'k=v', 'k2=v2')).toMatchObject({ code: 0 })
    expect(await read()).toEqual({ ...all, k: 'v', k2: 'v2' })
    expect(await run('set-property', `${id}/several`, 'alone=1')).toMatchObject({ code: 0 })
    const slip = await run('unset-property', `${id}/several`, 'k', 'relaese')
    expect([slip.code, slip.stderr]).toEqual([
      1,
      expect.stringContaining('has no property "relaese"; it has alone, k, k2, kept, os, release, user.note'),
    ])
    expect(await run('unset-property', `${id}/several`, 'k', 'k2', 'alone', 'user.note')).toMatchObject({
      code: 0,
    })
    expect(await read()).toEqual({ os: id, kept: 'yes', release: '24.04' })
  })

  test.each([
    [['alone'], '"alone" is not key=value'],
    [['a=1', 'b'], '"b" is not key=value'],
    [['a', 'b', 'c'], '"a" is not key=value'],
    [['a=1', 'a=2'], 'property "a" is given twice'],
    [['a=', 'b=1'], 'property "a" has no value'],
    [['=1'], 'a property needs a name'],
    [[], 'key'],
  ])('set-property %j is refused, and nothing is changed', async (words, sentence) => {
    const image = await upload(`refused-${words.join('').replaceAll('=', '')}`)
    const { code, stdout, stderr } = await run('set-property', image.fingerprint, ...words)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain(sentence)
    expect((await client().images.get(image.fingerprint)).etag).toBe(image.etag)
  })

  test('a missing property is printed as empty, and cannot be removed', async () => {
    await upload('absent', { aliases: [`${id}/absent`] })
    expect(await run('get-property', `${id}/absent`, 'nothing')).toMatchObject({ code: 0, stdout: '\n' })
    const removed = await run('unset-property', `${id}/absent`, 'nothing')
    expect(removed.code).toBe(1)
    expect(removed.stderr).toBe(
      `Cannot run "hyperkit unset-property": image "${id}/absent" has no property "nothing"; it has os\n`,
    )
    const empty = await run('set-property', `${id}/absent`, 'os', '')
    expect([empty.code, empty.stderr]).toEqual([1, expect.stringContaining('use unset-property')])
  })

  test('several images are deleted, or none if one of them is missing', async () => {
    const first = await upload('first', { aliases: [`${id}/first`] })
    const second = await upload('second', { aliases: [`${id}/second`] })
    const slip = await run('delete', `${id}/first`, `${id}/secnod`)
    expect([slip.code, slip.stderr]).toEqual([1, expect.stringContaining(`did you mean "${id}/second"?`)])
    expect(await client().images.find(first.fingerprint)).toBeDefined()
    const listed = await run('delete', `${id}/first`, `${id}/second`, '--dry-run')
    expect(listed).toMatchObject({ code: 0 })
    for (const { fingerprint } of [first, second])
      expect(listed.stdout + listed.stderr).toContain(`DELETE /1.0/images/${fingerprint}`)
    expect(await client().images.find(second.fingerprint)).toBeDefined()
    const { code, stderr } = await run('rm', `${id}/first`, `main:${id}/second`)
    expect([code, stderr]).toEqual([
      0,
      `Deleted image ${first.fingerprint} of "main"\nDeleted image ${second.fingerprint} of "main"\n`,
    ])
    expect(await client().images.find(first.fingerprint)).toBeUndefined()
    expect(await client().images.find(second.fingerprint)).toBeUndefined()
  })

  test('an image without a source is not refreshed, and the error says so', async () => {
    await upload('sourceless', { aliases: [`${id}/sourceless`] })
    const { code, stdout, stderr } = await run('refresh', `${id}/sourceless`)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/Cannot .*refresh.*source/i)
  })

  test('a secret lets a stranger read a private image', async () => {
    const { fingerprint } = await upload('private', { aliases: [`${id}/private`] })
    const made = await run('secret', `${id}/private`, '--json')
    const { secret, operation } = JSON.parse(made.stdout) as { secret: string; operation: string }
    expect(secret).toMatch(/^[0-9a-f]{64}$/)
    expect(await client().images.get(fingerprint, { secret })).toMatchObject({ fingerprint })
    const shown = await run('operation', 'show', operation, '--json')
    expect(JSON.parse(shown.stdout)).toMatchObject({ id: operation, class: 'token' })
  })
})
