import { describe, expect, test } from 'vitest'
import { isHyperkitError, openSimplestreams, type Simplestreams, type StreamImage } from '../src/index.ts'

const base = 'https://streams.example.org/images'
const hash = (digit: string): string => digit.repeat(64)

/** A stream of these products, answered from memory. */
function offer(
  products: Record<string, object | null>,
  also: Record<string, () => Response> = {},
  onWarning?: (sentence: string) => void,
): Simplestreams {
  const kind = { datatype: 'image-downloads', format: 'products:1.0' }
  const documents: Record<string, () => Response> = {
    'streams/v1/index.json': () =>
      Response.json({
        format: 'index:1.0',
        index: {
          images: { ...kind, path: 'streams/v1/images.json', products: Object.keys(products) },
          empty: { ...kind, path: 'streams/v1/empty.json', products: [] },
          other: { datatype: 'image-ids', path: 'streams/v1/ids.json', products: ['x'] },
        },
      }),
    'streams/v1/images.json': () => Response.json({ products }),
    ...also,
  }
  const fetch = async (url: string): Promise<Response> =>
    documents[url.slice(base.length + 1)]?.() ?? new Response('nothing here', { status: 404 })
  return openSimplestreams(`${base}/`, { fetch, onWarning })
}

function product(fields: object, items: object[], serial = '20240102_03:04'): object {
  const listed = Object.fromEntries(items.map((item, index) => [String(index), item]))
  return {
    aliases: 'debian/12,debian/bookworm',
    arch: 'amd64',
    os: 'Debian',
    release: 'bookworm',
    release_title: '12',
    versions: { [serial]: { items: listed } },
    ...fields,
  }
}

const file = (ftype: string, more: object = {}): object => ({
  ftype,
  path: `images/${ftype}`,
  size: 10,
  sha256: hash('a'),
  ...more,
})

const container = [
  file('lxd.tar.xz', { combined_squashfs_sha256: hash('1'), combined_rootxz_sha256: hash('2') }),
  file('root.tar.xz'),
  file('squashfs'),
]
const machine = [
  file('lxd.tar.xz', {
    'combined_disk-kvm-img_sha256': hash('3'),
    'combined_uefi1-img_sha256': hash('4'),
    'combined_disk1-img_sha256': hash('5'),
  }),
  file('disk1.img'),
  file('uefi1.img'),
  file('disk-kvm.img'),
]

const fingerprints = (images: readonly StreamImage[]): string[] =>
  images.map(({ fingerprint }) => fingerprint.slice(0, 1))

describe('images of a simplestreams server', () => {
  test('a field that is null is absent', async () => {
    const nulls = { variant: null, support_eol: null, requirements: { secureboot: null }, version: null }
    const streams = offer({
      one: product(nulls, [...container.map((item) => ({ ...item, size: null, combined_type: null }))]),
      two: {
        ...product({}, container),
        versions: { '20240102_03:04': null, '20240103_03:04': { items: null } },
      },
      three: product({ versions: null }, []),
      four: null,
    })
    const [image] = await streams.list()
    expect(fingerprints(await streams.list())).toEqual(['1', '2'])
    expect(image).toMatchObject({ size: 0, expiresAt: undefined })
    expect(Object.values(image?.properties ?? {})).not.toContain('null')
  })

  test('an odd product is left out and reported, and the others stay', async () => {
    const warnings: string[] = []
    const streams = offer(
      {
        good: product({}, container),
        'odd:1': product({ aliases: ['odd'] }, container),
        'odd:2': product({ aliases: 'odd2' }, [{ ...file('squashfs'), size: '10' }]),
        'odd:3': [] as object,
      },
      {},
      (sentence) => warnings.push(sentence),
    )
    expect(fingerprints(await streams.list())).toEqual(['1', '2'])
    expect(await streams.resolve('debian/12')).toMatchObject({ fingerprint: hash('1') })
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain(
      `Some images of "${base}/" were left out: "odd:1" does not have the expected form at "aliases"`,
    )
    expect(warnings[0]).toContain(
      '"odd:2" does not have the expected form at "versions.20240102_03:04.items.0.size"',
    )
    await expect(streams.resolve('odd2')).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('it may be among what was left out: "odd:1"'),
    })
  })

  test('if an image has several root file systems, the alias belongs to the one that servers prefer', async () => {
    const containers = offer({ one: product({}, container) })
    expect(fingerprints(await containers.list())).toEqual(['1', '2'])
    expect((await containers.resolve('debian/12')).fingerprint).toBe(hash('1'))
    const machines = offer({ one: product({}, machine) })
    expect(fingerprints(await machines.list())).toEqual(['3', '4', '5'])
    expect(await machines.resolve('debian/12')).toMatchObject({
      fingerprint: hash('3'),
      type: 'virtual-machine',
      size: 20,
      aliases: ['debian/12', 'debian/12/amd64', 'debian/bookworm', 'debian/bookworm/amd64'],
      files: [
        { name: 'metadata', path: 'images/lxd.tar.xz' },
        { name: 'rootfs', path: 'images/disk-kvm.img' },
      ],
    })
  })

  test('LXD and Incus each find their own files of one version', async () => {
    const items = [
      file('lxd.tar.xz', { combined_squashfs_sha256: hash('1') }),
      file('incus.tar.xz', { combined_squashfs_sha256: hash('6') }),
      file('squashfs'),
    ]
    const streams = offer({ one: product({}, items) })
    const found = async (dialect: 'lxd' | 'incus'): Promise<string> =>
      (await streams.resolve('debian/12', { dialect })).fingerprint
    expect([await found('lxd'), await found('incus')]).toEqual([hash('1'), hash('6')])
    expect((await streams.list()).map(({ readBy }) => readBy)).toEqual([['lxd'], ['incus']])
    const both = { ...(container[0] as object), ftype: 'incus.tar.xz' }
    const shared = offer({ one: product({}, [...container, both]) })
    expect((await shared.list()).map(({ readBy }) => readBy)).toEqual([
      ['lxd', 'incus'],
      ['lxd', 'incus'],
    ])
  })

  test('the fields of a product become properties, and its end of support the expiry', async () => {
    const fields = {
      variant: 'cloud',
      version: '12',
      support_eol: '2028-06-30',
      requirements: { secureboot: 'false' },
    }
    const [image] = await offer({ one: product(fields, container) }).list()
    expect(image?.properties).toEqual({
      os: 'Debian',
      release: 'bookworm',
      version: '12',
      architecture: 'amd64',
      variant: 'cloud',
      serial: '20240102_03:04',
      description: 'Debian 12 amd64 (cloud) (20240102_03:04)',
      'requirements.secureboot': 'false',
      type: 'squashfs',
    })
    expect(image?.expiresAt).toEqual(new Date('2028-06-30T00:00:00Z'))
    expect(image?.createdAt).toEqual(new Date('2024-01-02T00:00:00Z'))
    expect(image?.architecture).toBe('x86_64')
  })

  test('unknown architectures, versions without a date and files without a hash are skipped, as servers skip them', async () => {
    const streams = offer({
      odd: product({ arch: 'pdp11' }, container),
      undated: product({}, container, 'latest'),
      never: product({}, container, '20241399'),
      unhashed: product({}, [file('lxd.tar.xz'), file('squashfs')]),
      lonely: product({}, [file('lxd.tar.xz', { combined_squashfs_sha256: hash('7') })]),
      old: product({}, [file('lxd.tar.xz', { combined_sha256: hash('8') }), file('root.tar.xz')]),
      unified: product({ release: 'zzz' }, [file('incus_combined.tar.gz', { sha256: hash('9') })]),
    })
    expect(fingerprints(await streams.list())).toEqual(['8', '9'])
  })

  test('an alias of images for several architectures needs an architecture, or names one itself', async () => {
    const arm = [file('lxd.tar.xz', { combined_squashfs_sha256: hash('b') }), file('squashfs')]
    const streams = offer({ one: product({}, container), two: product({ arch: 'arm64' }, arm) })
    await expect(streams.resolve('debian/12')).rejects.toThrow(
      /it is there for aarch64, x86_64; give the architecture/,
    )
    expect((await streams.resolve('debian/12', { architecture: 'arm64' })).fingerprint).toBe(hash('b'))
    expect((await streams.resolve('debian/12', { architecture: 'x86_64' })).fingerprint).toBe(hash('1'))
    expect((await streams.resolve('debian/12/arm64', { architecture: 'x86_64' })).fingerprint).toBe(hash('b'))
  })

  test('the beginning of several fingerprints is ambiguous', async () => {
    const twin = `${hash('1').slice(0, 63)}2`
    const items = [
      file('lxd.tar.xz', { combined_squashfs_sha256: hash('1'), combined_rootxz_sha256: twin }),
      file('squashfs'),
      file('root.tar.xz'),
    ]
    const streams = offer({ one: product({}, items) })
    await expect(streams.resolve('1111')).rejects.toSatisfy((error) => isHyperkitError(error, 'ambiguous'))
    expect((await streams.resolve(twin.toUpperCase())).fingerprint).toBe(twin)
  })
})

describe('a faulty simplestreams server', () => {
  test('a redirect from https to http is not followed', async () => {
    const elsewhere = (): Response =>
      Object.defineProperty(Response.json({}), 'url', { value: 'http://mirror.example.org/index.json' })
    const streams = offer({}, { 'streams/v1/index.json': elsewhere })
    await expect(streams.list()).rejects.toThrow(
      /it was redirected to http:\/\/mirror\.example\.org\/index\.json/,
    )
  })

  test('a web page in place of a list is refused, and so is a wrong field, with its name', async () => {
    const page = offer({}, { 'streams/v1/index.json': () => new Response('<html>hello') })
    await expect(page.list()).rejects.toThrow(
      /is not JSON \("<html>hello"\); is this the address of a simplestreams/,
    )
    const wrong = offer({ one: product({ versions: { '20240102': { items: { a: { size: 'big' } } } } }, []) })
    await expect(wrong.list()).rejects.toThrow(
      /none of its products can be read: "one" does not have the expected form at "versions\.20240102\.items\.a\.size"/,
    )
    const gone = offer({ one: {} }, { 'streams/v1/images.json': () => new Response('', { status: 503 }) })
    await expect(gone.list()).rejects.toSatisfy((error) => isHyperkitError(error, 'unavailable'))
  })

  test('lists that do not arrive end with the time limit or the signal, and the next call asks again', async () => {
    let hangs = true
    const fetch = (url: string, { signal }: RequestInit): Promise<Response> =>
      hangs
        ? new Promise((_, reject) => {
            signal?.addEventListener('abort', () => reject(signal.reason))
          })
        : Promise.resolve(url.endsWith('index.json') ? Response.json({ index: {} }) : new Response())
    const limited = openSimplestreams(base, { fetch, requestTimeout: 20 })
    await expect(limited.list()).rejects.toSatisfy((error) => isHyperkitError(error, 'timeout'))
    const reason = new Error('enough')
    const abort = new AbortController()
    const aborted = openSimplestreams(base, { fetch }).list({ signal: abort.signal })
    abort.abort(reason)
    await expect(aborted).rejects.toBe(reason)
    hangs = false
    expect(await limited.list()).toEqual([])
  })

  test('a rootfs cannot be read before its metadata, because nothing could verify both then', async () => {
    const streams = offer({ one: product({}, container) })
    const source = streams.open(await streams.resolve('debian/12'))
    if (source.kind !== 'split') throw new Error('it is split')
    await expect(source.rootfs.open()).rejects.toThrow(/read its metadata to the end before its rootfs/)
  })

  test('a file that ends early is "interrupted"', async () => {
    const short = (): Response => new Response('12345', { headers: { 'content-length': '10' } })
    const streams = offer({ one: product({}, container) }, { 'images/lxd.tar.xz': short })
    const source = streams.open(await streams.resolve('debian/12'))
    if (source.kind !== 'split') throw new Error('it is split')
    const body = await source.metadata.open()
    await expect(new Response(body).text()).rejects.toThrow()
  })

  test('a file that is longer than the stream says is refused at the first byte too many', async () => {
    const piece = new Uint8Array(8)
    const endless = (): Response =>
      new Response(new ReadableStream({ pull: (controller) => controller.enqueue(piece) }))
    const streams = offer({ one: product({}, container) }, { 'images/lxd.tar.xz': endless })
    const source = streams.open(await streams.resolve('debian/12'))
    if (source.kind !== 'split') throw new Error('it is split')
    await expect(new Response(await source.metadata.open()).text()).rejects.toMatchObject({
      code: 'unexpected-answer',
      message: `Cannot read "images/lxd.tar.xz" of "${base}/": the server sends more than the 10 bytes that the stream says`,
    })
  })
})
