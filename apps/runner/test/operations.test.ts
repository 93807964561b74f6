import { expect, test } from 'vitest'
import { describeServers } from './describe-servers.ts'
import { parseTable } from './parse-table.ts'

describeServers('operations', ({ id, run, upload, client }) => {
  test('an operation is listed, shown, and cancelled', async () => {
    const { fingerprint } = await upload('token')
    const { operation } = await client().images.createSecret(fingerprint)
    const name = operation.id ?? ''
    const listed = await run('operation', 'list', 'main:')
    expect(parseTable(listed.stdout).find(({ ID }) => ID === name)).toMatchObject({
      TYPE: 'TOKEN',
      STATE: 'RUNNING',
      CANCELABLE: 'YES',
    })
    expect(JSON.parse((await run('operation', 'list', '-f', 'json')).stdout)).toContainEqual(
      expect.objectContaining({ id: name }),
    )
    expect((await run('operation', 'show', name)).stdout).toMatch(/secret: "?<hidden>/)
    const whole = (await run('operation', 'show', name, '--show-secrets')).stdout
    expect(whole).toMatch(/secret: "?[0-9a-f]{32}/)
    expect(await run('operation', 'cancel', name)).toMatchObject({ code: 0, stderr: '' })
    const again = await run('operation', 'cancel', `main:${name}`)
    expect(again.code).toBe(1)
    expect(again.stderr).toContain('Cannot cancel')
  })

  test('waiting for an operation that is cancelled or missing is an error', async () => {
    const { fingerprint } = await upload('waited')
    const { operation } = await client().images.createSecret(fingerprint)
    await operation.cancel()
    const cancelled = await run('operation', 'wait', operation.id ?? '')
    expect([cancelled.code, cancelled.stdout]).toEqual([1, ''])
    expect(cancelled.stderr).toContain('it was cancelled')
    const missing = await run('operation', 'wait', '00000000-0000-4000-8000-000000000000')
    expect([missing.code, missing.stdout]).toEqual([1, ''])
    expect(missing.stderr).toContain('"main"')
  })

  test('--timeout ends a wait for an operation', async () => {
    const { fingerprint } = await upload('endless', { aliases: [`${id}/endless`] })
    const { operation } = await client().images.createSecret(fingerprint)
    const { code, stdout, stderr } = await run('operation', 'wait', operation.id ?? '', '--timeout', '1s')
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('it took longer than the 1 s that --timeout allows')
  })
})
