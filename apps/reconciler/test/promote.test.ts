import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chooseTargets } from '@hyperkit/conformance'
import { fingerprintOf } from '@hyperkit/files'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeImage } from './make-image.ts'
import { describeReal, type OpenServer, openEmbedded, openOver } from './open-server.ts'
import { runCommand } from './start-command.ts'

type Open = (folder: string) => Promise<OpenServer>

const pairs: [string, ...(Open | undefined)[]][] = (['lxd', 'incus'] as const).flatMap((staging) => {
  const prod = staging === 'lxd' ? 'incus' : 'lxd'
  const [from, to] = [describeReal(staging), describeReal(prod)]
  return [
    [
      `an embedded ${staging} to an embedded ${prod}`,
      (folder) => openEmbedded(folder, { dialect: staging }),
      (folder) => openEmbedded(folder, { dialect: prod }),
    ],
    [
      `a real ${staging} to a real ${prod}`,
      from && ((folder) => openOver(folder, from)),
      to && ((folder) => openOver(folder, to)),
    ],
  ] satisfies [string, ...(Open | undefined)[]][]
})

describe.each(chooseTargets(pairs))('from %s', (_, openStaging, openProd) => {
  const cwd = mkdtempSync(join(tmpdir(), 'hk-promote-'))
  let [staging, prod] = [] as unknown as [OpenServer, OpenServer]
  let id = ''
  const made = new Set<string>()

  beforeAll(async () => {
    if (openStaging === undefined || openProd === undefined) return
    staging = await openStaging(cwd)
    prod = await openProd(cwd)
  })
  afterAll(async () => {
    await staging?.close()
    await prod?.close()
    rmSync(cwd, { recursive: true, force: true })
  })
  beforeEach((context) => {
    if (openStaging === undefined || openProd === undefined)
      context.skip('HYPERKIT_SERVERS names no such servers')
    id = `p${randomUUID().slice(0, 8)}`
  })
  afterEach(async () => {
    for (const each of [staging, prod])
      for (const fingerprint of made)
        if (await each?.client.images.find(fingerprint)) await each.client.images.delete(fingerprint)
    made.clear()
  })

  const run = (...args: string[]) => runCommand(args, { cwd })
  const write = (image: string, owner = `me-${id}`): void =>
    writeFileSync(
      join(cwd, 'images.yaml'),
      `version: 1\nname: ${owner}\nservers:\n  staging: ${staging.yaml}\n  prod: ${prod.yaml}\nimages:\n  - ${image}\n`,
    )
  const entry = (rest = ''): string =>
    `{ name: ${id}, source: { file: img.tar.gz }, aliases: [${id}/b]${rest} }`
  async function make(content: string): Promise<string> {
    makeImage(join(cwd, 'img.tar.gz'), `${id} ${content}`)
    const { fingerprint } = await fingerprintOf(join(cwd, 'img.tar.gz'))
    made.add(fingerprint)
    return fingerprint
  }
  const targets = async (server: OpenServer): Promise<(string | undefined)[]> =>
    Promise.all([id, `${id}/b`].map(async (alias) => (await server.client.aliases.find(alias))?.target))

  test('a tested image is promoted unchanged, and apply finds nothing more to do', async () => {
    write(entry())
    const one = await make('one')
    expect(await run('apply', '--yes')).toMatchObject({ code: 0 })
    const two = await make('two')
    expect(await run('apply', '--yes', '--server', 'staging')).toMatchObject({ code: 0 })
    const there = await staging.client.images.get(two)
    await staging.client.images.update(two, {
      public: true,
      expiresAt: new Date('2031-02-03T04:05:06Z'),
      properties: { ...there.properties, note: 'tried' },
    })

    const shown = await run('promote', id, '--from', 'staging', '--to', 'prod', '--dry-run')
    expect([shown.code, shown.stdout]).toEqual([
      0,
      expect.stringMatching(
        new RegExp(`copy image ${id}[\\s\\S]*move alias ${id}[\\s\\S]*move alias ${id}/b`),
      ),
    ])
    expect(await targets(prod)).toEqual([one, one])
    const refused = await run('promote', id, '--from', 'staging', '--to', 'prod')
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('then give --yes')])
    expect(await targets(prod)).toEqual([one, one])

    const report = join(cwd, 'report.json')
    const done = await run(
      'promote',
      '--from',
      'staging',
      '--to',
      'prod',
      '--yes',
      '--json',
      '--report',
      report,
    )
    expect(done.code).toBe(0)
    expect(JSON.parse(done.stdout)).toMatchObject({
      format: 'hyperkit-apply',
      servers: [
        {
          name: 'prod',
          status: 'done',
          results: [{ outcome: 'done' }, { outcome: 'done' }, { outcome: 'done' }],
        },
      ],
    })
    expect(await targets(prod)).toEqual([two, two])
    const copy = await prod.client.images.get(two)
    expect(copy).toMatchObject({ public: true, expiresAt: new Date('2031-02-03T04:05:06Z') })
    expect(copy.properties).toMatchObject({
      note: 'tried',
      'hyperkit.manifest': `me-${id}`,
      'hyperkit.image': id,
    })
    expect(await prod.client.images.find(one)).toBeDefined()

    const again = await run('promote', '--from', 'staging', '--to', 'prod', '--yes')
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('No changes.')])
    const planned = await run('plan', '--detailed-exitcode')
    expect([planned.code, planned.stdout]).toEqual([0, expect.stringContaining('No changes.')])
    expect((await run('history', id)).stdout).toMatch(
      new RegExp(`prod\\n {2}${id}\\n {4}\\* ${two.slice(0, 12)}.*\\n {6}${one.slice(0, 12)}`),
    )
  })

  test('promote gives a new alias its description, and does not take over an alias of another manifest', async () => {
    write(entry())
    const one = await make('one')
    expect(await run('apply', '--yes', '--server', 'staging')).toMatchObject({ code: 0 })
    const { target, etag } = await staging.client.aliases.get(`${id}/b`)
    await staging.client.aliases.update(
      `${id}/b`,
      { target, description: `tried [hyperkit: me-${id}]` },
      { ifMatch: etag },
    )
    expect(await run('promote', '--from', 'staging', '--to', 'prod', '--yes')).toMatchObject({ code: 0 })
    expect(await prod.client.aliases.get(`${id}/b`)).toMatchObject({
      target: one,
      description: `tried [hyperkit: me-${id}]`,
    })

    write(entry(), `other-${id}`)
    await make('two')
    expect(await run('adopt', id, '--yes')).toMatchObject({ code: 0 })
    expect(await run('apply', '--yes', '--server', 'staging')).toMatchObject({ code: 0 })
    write(entry())
    const before = await targets(prod)
    const { code, stdout } = await run('promote', '--from', 'staging', '--to', 'prod', '--yes')
    expect([code, stdout]).toEqual([1, expect.stringContaining(`it belongs to manifest "other-${id}"`)])
    expect(await targets(prod)).toEqual(before)
  })

  test('an image that cannot be promoted is refused before anything is done', async () => {
    write(entry(', servers: [staging]'))
    await make('one')
    const refusals: [string[], string][] = [
      [['--from', 'staging', '--to', 'staging'], '"staging" is named in both --from and --to'],
      [['--from', 'stagin', '--to', 'prod'], 'did you mean "staging"?'],
      [['--from', 'staging', '--to', 'prod'], '"images.yaml" declares no image for prod'],
      [[id, '--from', 'staging', '--to', 'prod'], `does not declare image "${id}" for server "prod"`],
      [[`${id}x`, '--from', 'staging', '--to', 'prod'], `did you mean "${id}"?`],
      [['--to', 'prod'], '--from is missing: the server to copy the images from'],
    ]
    for (const [args, sentence] of refusals)
      expect(await run('promote', ...args, '--yes')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(sentence),
      })
    write(entry())
    expect(await run('promote', id, '--from', 'staging', '--to', 'prod', '--yes')).toMatchObject({
      code: 1,
      stderr: `Cannot promote image "${id}": "staging" has no alias of this name; nothing was done\n`,
    })
  })
})
