import { expect, test } from 'vitest'
import { describeServers } from './describe-servers.ts'

describeServers('aliases', ({ id, run, upload, client }) => {
  test('an alias is made, moved without a gap, renamed and deleted', async () => {
    const [one, two] = [await upload('one'), await upload('two')]
    expect(
      await run('alias', 'create', `${id}/a`, one.fingerprint.slice(0, 12), '--description', 'the first'),
    ).toMatchObject({
      code: 0,
    })
    const taken = await run('alias', 'create', `main:${id}/a`, two.fingerprint)
    expect([taken.code, taken.stderr]).toEqual([1, expect.stringContaining('already exists')])
    expect(await client().aliases.get(`${id}/a`)).toMatchObject({ target: one.fingerprint })

    const set = await run('alias', 'set', `${id}/a`, two.fingerprint)
    expect(set).toMatchObject({ code: 0, stdout: `${id}/a: retargeted\n` })
    expect(await client().aliases.get(`${id}/a`)).toMatchObject({
      target: two.fingerprint,
      description: 'the first',
    })
    expect(await run('alias', 'set', `${id}/b`, `${id}/a`, '--json')).toMatchObject({ code: 0 })
    expect(await run('image', 'alias', 'rename', `${id}/b`, `${id}/c`)).toMatchObject({ code: 0 })
    expect(await client().aliases.find(`${id}/b`)).toBeUndefined()

    const slip = await run('alias', 'delete', `${id}/a`, `${id}/gone`)
    expect(slip.code).toBe(1)
    expect(await client().aliases.find(`${id}/a`)).toBeDefined()
    expect(await run('alias', 'rm', `${id}/a`, `main:${id}/c`)).toMatchObject({ code: 0, stderr: '' })
    expect(await client().images.find(two.fingerprint)).toMatchObject({ aliases: [] })
  })

  test('aliases are listed in columns, filtered, in all formats', async () => {
    const { fingerprint } = await upload('listed', {
      aliases: [{ name: `${id}/l/one`, description: 'red \u001b[31m' }, `${id}/l/two`],
    })
    const table = await run('alias', 'list', `${id}/l`, '-c', 'aftd')
    expect(table.stdout).toContain(`| ${id}/l/one | ${fingerprint.slice(0, 12)} | CONTAINER | red `)
    expect(table.stdout).not.toContain('\u001b')
    const csv = await run('alias', 'ls', 'main:', `${id}/l/two`, '-c', 'aF', '-f', 'csv')
    expect(csv.stdout).toBe(`${id}/l/two,${fingerprint}\n`)
    const wrong = await run('alias', 'list', '-c', 'ax')
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('there is no column "x"')])
  })

  test('a dry run of alias set lists the call and moves nothing', async () => {
    const { fingerprint } = await upload('dry')
    const { code, stdout, stderr } = await run('alias', 'set', `${id}/dry`, fingerprint, '--dry-run')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout + stderr).toContain('POST /1.0/images/aliases')
    expect(await client().aliases.find(`${id}/dry`)).toBeUndefined()
  })
})
