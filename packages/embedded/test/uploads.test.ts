import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { createImageServer, isClosedWithoutAnswer } from '../src/index.ts'
import { ask, send, stranger, upload } from './ask.ts'
import { completeMetadata, makeArchive } from './make-archive.ts'
import { readParts } from './read-parts.ts'

const compress = promisify(gzip)
const sha256 = (...parts: Uint8Array[]): string =>
  createHash('sha256').update(Buffer.concat(parts)).digest('hex')

function splitBody(parts: Record<string, Uint8Array<ArrayBuffer>>): FormData {
  const form = new FormData()
  for (const [name, bytes] of Object.entries(parts)) form.append(name, new Blob([bytes]), `${name}.bin`)
  return form
}

describe.each(['lxd', 'incus'] as const)('uploads on %s', (dialect) => {
  const prefix = dialect === 'lxd' ? 'X-LXD-' : 'X-Incus-'
  const other = dialect === 'lxd' ? 'X-Incus-' : 'X-LXD-'
  const newServer = () => createImageServer({ dialect })

  test('an upload’s operation contains the result, with the size as text', async () => {
    const archive = await makeArchive()
    const accepted = await ask(newServer(), 'POST', '/1.0/images', { body: archive })
    expect(accepted.metadata).toMatchObject({
      class: 'task',
      description: 'Downloading image',
      status: 'Running',
      metadata: null,
      resources: dialect === 'lxd' ? null : {},
      location: 'none',
    })
    const operation = await upload(newServer(), archive)
    expect(operation).toMatchObject({
      status: 'Success',
      status_code: 200,
      err: '',
      metadata: { fingerprint: sha256(archive), size: String(archive.byteLength) },
    })
  })

  test('upload headers are read with the prefix of the dialect only', async () => {
    const server = newServer()
    const archive = await makeArchive()
    const headers = {
      [`${prefix}filename`]: 'näme with space.tar.gz',
      [`${prefix}public`]: '1',
      [`${prefix}properties`]: 'os=Other&a+b=c%20d&bad;=x',
    }
    const utf8 = Object.fromEntries(
      Object.entries(headers).map(([key, value]) => [key, Buffer.from(value, 'utf8').toString('latin1')]),
    )
    const { metadata } = await upload(server, archive, utf8)
    expect((await ask(server, 'GET', `/1.0/images/${metadata.fingerprint}`)).metadata).toMatchObject({
      filename: 'näme with space.tar.gz',
      public: true,
      properties: { os: 'Other', release: 'r1', 'a b': 'c d' },
    })
    const strange = newServer()
    const ignored = { [`${other}public`]: '1', [`${other}fingerprint`]: 'abc' }
    const second = await upload(strange, archive, ignored)
    expect(second.status).toBe('Success')
    const path = `/1.0/images/${second.metadata.fingerprint}`
    expect((await ask(strange, 'GET', path)).metadata.public).toBe(false)
  })

  test('an expected fingerprint is compared as text', async () => {
    const archive = await makeArchive()
    const fingerprint = sha256(archive)
    const wrong = await upload(newServer(), archive, { [`${prefix}fingerprint`]: fingerprint.toUpperCase() })
    expect(wrong.err).toBe(
      `fingerprints don't match, got ${fingerprint} expected ${fingerprint.toUpperCase()}`,
    )
    expect((await upload(newServer(), archive, { [`${prefix}fingerprint`]: fingerprint })).status).toBe(
      'Success',
    )
  })

  test('an upload of an invalid image fails in the words of the daemons', async () => {
    const yaml = (metadata: string | undefined) => makeArchive({ metadata })
    const cases: [BodyInit, string][] = [
      ['hello there', 'Unsupported compression'],
      ['', 'EOF'],
      [(await compress('hello')) as Buffer<ArrayBuffer>, 'unexpected EOF'],
      [(await compress(Buffer.alloc(5000, 'x'))) as Buffer<ArrayBuffer>, 'archive/tar: invalid tar header'],
      [(await makeArchive()).subarray(0, 60), 'unexpected EOF'],
      [await yaml(undefined), 'Metadata tarball is missing metadata.yaml'],
      [await makeArchive({ files: {} }), 'Invalid instance type'],
      [await yaml('architecture: zzz\ncreation_date: 1\n'), "Architecture isn't supported: zzz"],
      [await yaml('architecture: amd64\n'), 'Missing creation date'],
      [await yaml(''), 'EOF'],
      [
        await yaml('hello'),
        'yaml: unmarshal errors:\n  line 1: cannot unmarshal !!str `hello` into api.ImageMetadata',
      ],
      [
        await yaml('architecture: amd64\ncreation_date: "foo"\nproperties: 12\n'),
        'yaml: unmarshal errors:\n  line 2: cannot unmarshal !!str `foo` into int64\n' +
          '  line 3: cannot unmarshal !!int `12` into map[string]string',
      ],
    ]
    for (const [body, words] of cases) {
      const server = newServer()
      const operation = await upload(server, body)
      expect([operation.status, operation.err, operation.metadata]).toEqual(['Failure', words, null])
      expect((await ask(server, 'GET', '/1.0/images')).metadata).toEqual([])
    }
    expect((await upload(newServer(), await yaml('a: [b\n  c: d'))).err).toMatch(/^yaml: line \d+: /)
  })

  test('scalars in the properties of metadata.yaml become texts exactly as written', async () => {
    const server = newServer()
    const metadata = 'architecture: amd64\ncreation_date: 1\nproperties:\n  a: 24.10\n  b: true\n  c: ~\n'
    const operation = await upload(server, await makeArchive({ metadata }))
    const image = (await ask(server, 'GET', `/1.0/images/${operation.metadata.fingerprint}`)).metadata
    expect(image.properties).toEqual({ a: '24.10', b: 'true', c: '' })
  })

  test('a split upload has metadata first, then rootfs or rootfs.img with any content', async () => {
    const metadata = await makeArchive({ files: {} })
    const rootfs = Buffer.from('any bytes\r\n--not-a-boundary')
    for (const [part, type] of [
      ['rootfs', 'container'],
      ['rootfs.img', 'virtual-machine'],
    ] as const) {
      const server = newServer()
      const operation = await upload(server, splitBody({ metadata, [part]: rootfs }))
      const fingerprint = sha256(metadata, rootfs)
      expect(operation).toMatchObject({ status: 'Success', metadata: { fingerprint } })
      const image = (await ask(server, 'GET', `/1.0/images/${fingerprint}`)).metadata
      expect(image).toMatchObject({
        type,
        filename: `${part}.bin`,
        size: metadata.byteLength + rootfs.byteLength,
      })
      const exported = await send(server, 'GET', `/1.0/images/${fingerprint}/export`, {
        headers: { range: 'bytes=0-1' },
      })
      expect(exported.status).toBe(200)
      const parts = await readParts(exported)
      expect(parts.map(({ name, filename }) => [name, filename])).toEqual([
        ['metadata', `meta-${fingerprint}.tar.gz`],
        [part, fingerprint],
      ])
      expect(sha256(...parts.map(({ bytes }) => bytes))).toBe(fingerprint)
    }
    const swapped = await upload(newServer(), splitBody({ rootfs, metadata }))
    expect(swapped.err).toBe('Invalid multipart image')
    expect((await upload(newServer(), splitBody({ metadata }))).err).toBe('EOF')
    expect((await upload(newServer(), splitBody({ metadata, other: rootfs }))).err).toBe(
      'Invalid multipart image',
    )
  })

  test('a second upload of an image fails, names the image, and restores a lost file', async () => {
    const server = newServer()
    const archive = await makeArchive()
    await upload(server, archive)
    const again = await upload(server, archive, { [`${prefix}public`]: '1' })
    expect(again).toMatchObject({
      status: 'Failure',
      err: 'Image with same fingerprint already exists',
      metadata: { fingerprint: sha256(archive) },
    })
    const image = await ask(server, 'GET', `/1.0/images/${sha256(archive)}`)
    expect(image.metadata.public).toBe(false)
  })

  test('exactly one of several concurrent uploads of an image succeeds', async () => {
    const server = newServer()
    const archive = await makeArchive()
    const operations = await Promise.all([1, 2, 3, 4].map(() => upload(server, archive)))
    expect(operations.filter(({ status }) => status === 'Success')).toHaveLength(1)
    expect((await send(server, 'GET', `/1.0/images/${sha256(archive)}/export`)).status).toBe(200)
  })

  test('a properties header on an archive without properties ends the daemon, which forgets its operations', async () => {
    const server = newServer()
    const archive = await makeArchive({ metadata: 'architecture: amd64\ncreation_date: 1\n' })
    const accepted = await ask(server, 'POST', '/1.0/images', {
      body: archive,
      headers: { [`${prefix}properties`]: 'a=b' },
    })
    const waited = send(server, 'GET', `${accepted.operation}/wait`)
    await expect(waited.then((response) => response.text()))
      .resolves.not.toContain('Success')
      .catch(() => {})
    expect((await ask(server, 'GET', accepted.operation)).status).toBe(404)
    expect((await ask(server, 'GET', '/1.0/images')).metadata).toEqual([])
  })

  test('a body of valid JSON is a request whatever its content type, and invalid JSON is an image unless the type is exact', async () => {
    const server = newServer()
    const request = {
      body: '{"source":{"type":"zap"}}',
      headers: { 'content-type': 'application/octet-stream' },
    }
    const unknown = await ask(server, 'POST', '/1.0/images', request)
    expect([unknown.status, unknown.error]).toEqual([500, 'Invalid images JSON'])
    for (const body of ['{}', 'null', '{"source":null}']) {
      expect(isClosedWithoutAnswer(await send(server, 'POST', '/1.0/images', { body }))).toBe(true)
    }
    const strict = { body: 'x', headers: { 'content-type': 'application/json' } }
    expect((await ask(server, 'POST', '/1.0/images', strict)).error).toBe(
      "invalid character 'x' looking for beginning of value",
    )
    const loose = await upload(server, '{bad', { 'content-type': 'application/json; charset=utf-8' })
    expect(loose.err).toBe('Unsupported compression')
  })

  test('an untrusted client cannot upload', async () => {
    const answer = await ask(newServer(), 'POST', '/1.0/images', {
      body: await makeArchive(),
      info: stranger,
    })
    expect([answer.status, answer.error]).toEqual([403, 'not authorized'])
  })

  test('the alias and profile headers of an upload are read only by Incus', async () => {
    const server = newServer()
    const operation = await upload(server, await makeArchive(), {
      [`${prefix}aliases`]: 'alias=a&alias=b%2Fc',
    })
    const image = (await ask(server, 'GET', `/1.0/images/${operation.metadata.fingerprint}`)).metadata
    const expected = dialect === 'incus' ? ['a', 'b/c'] : []
    expect(image.aliases.map(({ name }: { name: string }) => name)).toEqual(expected)
  })

  test('an image in every compression whose program is installed can be uploaded', async () => {
    const tar = await makeArchive({ gzip: false })
    expect((await upload(newServer(), tar)).status).toBe('Success')
    for (const [program, ...args] of [['xz'], ['bzip2'], ['zstd'], ['xz', '--format=lzma']] as const) {
      const packed = spawnSync(program, [...args, '-c'], { input: tar })
      if (packed.error !== undefined) console.log(`not tried: ${program} is not installed`)
      else expect((await upload(newServer(), Buffer.from(packed.stdout))).status).toBe('Success')
    }
  })
})

test('a unified image with rootfs.img is a virtual machine image', async () => {
  const server = createImageServer({ dialect: 'lxd' })
  const archive = await makeArchive({ metadata: completeMetadata, files: { 'rootfs.img': 'disk' } })
  const operation = await upload(server, archive)
  const path = `/1.0/images/${operation.metadata.fingerprint}`
  expect((await ask(server, 'GET', path)).metadata.type).toBe('virtual-machine')
})
