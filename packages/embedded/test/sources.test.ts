import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { ask, settle, upload } from './ask.ts'
import { makeArchive } from './make-archive.ts'
import { create, freePort, listenOn, newServer, newSource, read, sha256 } from './source-servers.ts'

describe.each(['lxd', 'incus'] as const)('pulling on %s', (dialect) => {
  test('a pull by the alias of another server gets its image and records the source', async () => {
    const { fingerprint, source } = await newSource('lxd', dialect)
    const server = newServer({ dialect })
    const operation = await create(server, {
      source: { ...source, alias: 'base' },
      aliases: [{ name: 'mine' }],
    })
    expect(operation).toMatchObject({ status: 'Success', err: '', metadata: { fingerprint } })
    expect(await read(server, fingerprint)).toMatchObject({
      public: false,
      auto_update: false,
      properties: { os: 'Tiny', release: 'r1' },
      filename: dialect === 'lxd' ? 'source.tar.gz' : '',
      aliases: [{ name: 'mine', description: '' }],
      update_source: { alias: 'base', protocol: dialect, server: source.server },
    })
  })

  test('a pull by a whole fingerprint records no source, and one by a prefix records the prefix as an alias', async () => {
    const { fingerprint, source } = await newSource('incus', dialect)
    const whole = newServer({ dialect })
    await create(whole, { source: { ...source, fingerprint }, auto_update: true })
    const image = await read(whole, fingerprint)
    expect([image.auto_update, image.update_source]).toEqual([true, undefined])
    const short = newServer({ dialect })
    await create(short, { source: { ...source, fingerprint: fingerprint.slice(0, 14) } })
    expect((await read(short, fingerprint)).update_source.alias).toBe(fingerprint.slice(0, 14))
  })

  test('a pull of a private image requires a secret, and accepts no alias with it', async () => {
    const { server: origin, fingerprint, source } = await newSource('incus', dialect, false)
    const server = newServer({ dialect })
    const hidden = await create(server, { source: { ...source, fingerprint } })
    expect(hidden.err).toBe(`Failed getting remote image info: Image "${fingerprint}" not found`)
    const token = await ask(origin, 'POST', `/1.0/images/${fingerprint}/secret`)
    const { secret } = token.metadata.metadata
    expect((await create(server, { source: { ...source, alias: 'base', secret } })).err).toBe(
      'Image "base" not found',
    )
    expect((await create(server, { source: { ...source, fingerprint, secret } })).status).toBe('Success')
  })

  test('a pull from an unreachable or untrusted source fails in the words of the daemons', async () => {
    const { source } = await newSource('lxd', dialect)
    const server = newServer({ dialect })
    const failed = dialect === 'lxd' ? 'Failed to connect to LXD server' : 'Failed to connect to the server'
    const unpinned = await create(server, { source: { ...source, certificate: '', alias: 'base' } })
    expect(unpinned.err).toContain(`${failed} "${source.server}": Get "${source.server}/1.0": `)
    expect(unpinned.err).toContain('x509: certificate signed by unknown authority')
    const junk = await create(server, { source: { ...source, certificate: 'junk', alias: 'base' } })
    expect(junk.err).toBe(`${failed} "${source.server}": Invalid remote certificate`)
    const other = await newServer({ dialect: 'lxd' }).listen({ https: {} })
    const wrong = await create(server, {
      source: { ...source, certificate: other.certificate, alias: 'base' },
    })
    expect(wrong.status).toBe('Failure')
    const closed = await freePort()
    const refused = await create(server, {
      source: { ...source, server: `https://127.0.0.1:${closed}`, alias: 'a' },
    })
    expect(refused.err).toContain('connect: connection refused')
    expect((await create(server, { source: { ...source, protocol: 'foo', alias: 'a' } })).err).toBe(
      'Unsupported protocol: foo',
    )
    expect((await create(server, { source })).err).toBe(
      'must specify one of alias or fingerprint for init from image',
    )
  })

  test('a pull of an existing image succeeds on LXD; Incus resets it and fails if it has aliases', async () => {
    const { fingerprint, source } = await newSource('lxd', dialect)
    const server = newServer({ dialect })
    await create(server, { source: { ...source, alias: 'base' }, public: true, filename: 'mine' })
    await ask(server, 'POST', '/1.0/images/aliases', { json: { name: 'own', target: fingerprint } })
    const again = await create(server, { source: { ...source, alias: 'base' } })
    const image = await read(server, fingerprint)
    if (dialect === 'lxd')
      expect([again.status, image.public, image.filename]).toEqual(['Success', true, 'mine'])
    else {
      expect([again.status, again.err]).toEqual(['Failure', 'Alias already exists: own'])
      expect([image.public, image.filename]).toEqual([false, ''])
    }
  })

  test('a pull with an alias that exists fails, and the image stays without the new aliases', async () => {
    const { fingerprint, source } = await newSource('lxd', dialect)
    const server = newServer({ dialect })
    const { metadata } = await upload(server, await makeArchive({ files: { 'rootfs/x': 'y' } }))
    await ask(server, 'POST', '/1.0/images/aliases', {
      json: { name: 'taken', target: metadata.fingerprint },
    })
    const aliases = [{ name: 'free' }, { name: 'taken' }]
    const operation = await create(server, { source: { ...source, alias: 'base' }, aliases })
    expect([operation.err, operation.metadata.fingerprint]).toEqual([
      'Alias already exists: taken',
      fingerprint,
    ])
    expect((await read(server, fingerprint)).aliases).toEqual([])
  })

  test('a refresh replaces the image, moves its aliases and turns auto-update on', async () => {
    const { server: origin, fingerprint, source } = await newSource('lxd', dialect)
    const server = newServer({ dialect })
    await create(server, { source: { ...source, alias: 'base' }, aliases: [{ name: 'mine' }], public: true })
    const path = `/1.0/images/${fingerprint}/refresh`
    expect((await settle(server, await ask(server, 'POST', path))).metadata).toEqual({ refreshed: false })
    const next = await upload(origin, await makeArchive({ files: { 'rootfs/new': 'x' } }), {
      'X-LXD-public': '1',
    })
    const target = next.metadata.fingerprint
    await ask(origin, 'PUT', '/1.0/images/aliases/base', { json: { target } })
    expect((await settle(server, await ask(server, 'POST', path))).metadata).toEqual({ refreshed: true })
    expect((await ask(server, 'GET', `/1.0/images/${fingerprint}`)).status).toBe(404)
    expect(await read(server, target)).toMatchObject({
      auto_update: true,
      public: true,
      aliases: [{ name: 'mine' }],
      update_source: { alias: 'base' },
    })
    await ask(origin, 'DELETE', '/1.0/images/aliases/base')
    const lost = await settle(server, await ask(server, 'POST', `/1.0/images/${target}/refresh`))
    expect([lost.status, lost.metadata]).toEqual(['Success', { refreshed: false }])
    const own = await upload(server, await makeArchive({ files: { 'rootfs/own': 'x' } }))
    const none = await settle(
      server,
      await ask(server, 'POST', `/1.0/images/${own.metadata.fingerprint}/refresh`),
    )
    expect(none.err).toContain('Image source not found')
  })

  test('a pull from a URL reads the headers of a HEAD request, whatever its status', async () => {
    const archive = await makeArchive()
    const fingerprint = sha256(archive)
    const prefix = dialect === 'lxd' ? 'LXD' : 'Incus'
    const site = createServer((request, response) => {
      const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
      if (request.url === '/file') response.end(archive)
      else if (request.url === '/moved') response.writeHead(302, { location: `${url}/head` }).end()
      else if (request.url === '/empty') response.writeHead(404).end()
      else {
        const hash = request.url === '/lie' ? 'f'.repeat(64) : fingerprint
        response
          .writeHead(404, { [`${prefix}-Image-Hash`]: hash, [`${prefix}-Image-URL`]: `${url}/file` })
          .end()
      }
    })
    const url = await listenOn(site)
    const server = newServer({ dialect })
    const get = (path: string) =>
      create(server, { source: { type: 'url', url: `${url}${path}` }, properties: { a: 'b' } })
    expect((await get('/empty')).err).toBe(`Missing ${prefix}-Image-Hash header`)
    expect((await get('/lie')).err).toContain(`Hash mismatch for "${url}/file": `)
    expect((await get('/moved')).metadata.fingerprint).toBe(fingerprint)
    expect(await read(server, fingerprint)).toMatchObject({
      properties: { os: 'Tiny', a: 'b' },
      filename: '',
    })
    expect((await create(server, { source: { type: 'url' } })).err).toBe('Missing URL')
  })

  test('a pull from simplestreams gets the newest version of an alias, split or unified', async () => {
    const unified = await makeArchive()
    const metadata = await makeArchive({ files: {} })
    const rootfs = Buffer.from('squashfs stand-in')
    const item = (ftype: string, path: string, bytes: Uint8Array, more = {}) => ({
      ftype,
      path,
      size: bytes.byteLength,
      sha256: sha256(bytes),
      ...more,
    })
    const version = { items: { combined: item('lxd_combined.tar.gz', 'unified', unified) } }
    const split = {
      items: {
        meta: item('lxd.tar.xz', 'meta', metadata, { combined_squashfs_sha256: sha256(metadata, rootfs) }),
        root: item('squashfs', 'root', rootfs),
      },
    }
    const files: Record<string, string | Uint8Array> = {
      '/streams/v1/index.json': JSON.stringify({
        index: { images: { datatype: 'image-downloads', path: 'streams/v1/images.json' } },
      }),
      '/streams/v1/images.json': JSON.stringify({
        products: {
          one: {
            aliases: 'tiny/1,tiny',
            arch: 'amd64',
            os: 'tiny',
            versions: { '20240101_00:00': version, '20230101_00:00': split },
          },
          two: { aliases: 'split', arch: 'amd64', os: 'tiny', versions: { '20240101_00:00': split } },
          three: { aliases: 'arm', arch: 'arm64', versions: { '20240101_00:00': version } },
        },
      }),
      '/unified': unified,
      '/meta': metadata,
      '/root': rootfs,
    }
    const site = createServer((request, response) => {
      const file = files[request.url ?? '']
      if (file === undefined) response.writeHead(404).end()
      else response.end(file)
    })
    const url = await listenOn(site)
    const server = newServer({ dialect })
    const source = { type: 'image', protocol: 'simplestreams', server: url }
    const first = await create(server, { source: { ...source, alias: 'tiny' } })
    expect(first).toMatchObject({ status: 'Success', metadata: { fingerprint: sha256(unified) } })
    const second = await create(server, { source: { ...source, alias: 'split/amd64' } })
    expect(second).toMatchObject({ status: 'Success', metadata: { fingerprint: sha256(metadata, rootfs) } })
    expect((await create(server, { source: { ...source, alias: 'arm' } })).status).toBe('Failure')
  })

  test('a push token accepts an image from another server of the same kind', async () => {
    const { server: origin, fingerprint } = await newSource(dialect, dialect, false)
    const server = newServer({ dialect })
    const { url, certificate } = await server.listen({ https: {} })
    const token = await ask(server, 'POST', '/1.0/images', {
      json: {
        source: { type: 'image', mode: 'push', fingerprint },
        public: true,
        aliases: [{ name: 'pushed' }],
      },
    })
    expect(token.metadata).toMatchObject({ class: 'token', metadata: { public: true, properties: null } })
    const json = { target: url, certificate, secret: token.metadata.metadata.secret }
    const push = await settle(
      origin,
      await ask(origin, 'POST', `/1.0/images/${fingerprint}/export`, { json }),
    )
    expect([push.status, push.err]).toEqual(['Success', ''])
    expect(await read(server, fingerprint)).toMatchObject({
      public: true,
      properties: {},
      filename: fingerprint,
      aliases: [{ name: 'pushed' }],
    })
    const again = await settle(
      origin,
      await ask(origin, 'POST', `/1.0/images/${fingerprint}/export`, { json: { ...json, secret: 'x' } }),
    )
    expect(again.err).toBe('not authorized')
    const prefix = await settle(
      origin,
      await ask(origin, 'POST', `/1.0/images/${fingerprint.slice(0, 20)}/export`, { json }),
    )
    expect(prefix.err).toContain('no such file or directory')
    const closed = { ...json, target: `https://127.0.0.1:${await freePort()}` }
    expect((await ask(origin, 'POST', `/1.0/images/${fingerprint}/export`, { json: closed })).status).toBe(
      500,
    )
  })

  test('a seeded instance and its snapshot can be published', async () => {
    const instances = [
      {
        name: 'web',
        properties: { os: 'Tiny' },
        baseImage: 'abc',
        files: { 'etc/': '', 'etc/motd': 'hello' },
        snapshots: ['s0', { name: 's1', files: { 'etc/motd': 'old' } }],
      },
    ]
    const server = newServer({ dialect, instances })
    const listed = (await ask(server, 'GET', '/1.0/instances?recursion=1')).metadata
    expect(listed[0]).toMatchObject({
      name: 'web',
      config: { 'volatile.base_image': 'abc', 'image.os': 'Tiny' },
    })
    const publish = (source: object, more = {}) => create(server, { source, properties: { v: '1' }, ...more })
    const image = await publish(
      { type: 'instance', name: 'web' },
      { public: true, filename: 'f', aliases: [{ name: 'golden' }], compression_algorithm: 'none' },
    )
    expect([image.status, image.err]).toEqual(['Success', ''])
    expect(await read(server, image.metadata.fingerprint)).toMatchObject({
      public: true,
      filename: 'f',
      expires_at: '0001-01-01T00:00:00Z',
      properties: dialect === 'lxd' ? { v: '1' } : { os: 'Tiny', v: '1' },
      aliases: [{ name: 'golden' }],
    })
    const snapshot = await publish({ type: 'snapshot', name: 'web/s1' })
    expect([snapshot.status, snapshot.err]).toEqual(['Success', ''])
    // The published file is an image that can be uploaded to another server.
    const path = `/1.0/images/${snapshot.metadata.fingerprint}/export`
    const bytes = await (await server.fetch(new Request(`http://server${path}`))).arrayBuffer()
    const elsewhere = await upload(newServer({ dialect }), Buffer.from(bytes))
    expect(elsewhere.metadata.fingerprint).toBe(snapshot.metadata.fingerprint)
    expect((await publish({ type: 'snapshot', name: 'web' })).err).toBe('Not a snapshot')
    expect((await publish({ type: 'instance', name: 'web/s0' })).err).toBe('This is a snapshot')
    const missing = await ask(server, 'POST', '/1.0/images', {
      json: { source: { type: 'instance', name: 'no' } },
    })
    if (dialect === 'lxd') expect([missing.status, missing.error]).toEqual([404, 'Instance not found'])
    else {
      const words = 'Failed to fetch instance "no" in project "default": Instance not found'
      expect((await settle(server, missing)).err).toBe(words)
    }
  })
})
