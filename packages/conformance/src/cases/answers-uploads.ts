import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { type Ask, fillWords, openAsk, settle, tell } from '../harness/ask.ts'
import type { CaseContext } from '../harness/case-context.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { holdDownload } from '../harness/hold-download.ts'
import type { ImageFile } from '../harness/image-files.ts'

const topic = 'answers: uploads'

export const cases: ConformanceCase[] = [
  {
    name: 'T43: the server reads metadata.yaml strictly or leniently, depending on the version',
    topic,
    async run(context) {
      const { spoken, imageFile } = context
      const ask = await openAsk(context)
      const outcome = async (options: Parameters<CaseContext['imageFile']>[0]): Promise<string> =>
        (await upload(ask, await imageFile(options))).err
      const told = (words: string): string => (spoken.yaml === 'strict' ? words : '')
      equal(
        await outcome({ properties: null, metadata: ['properties:', '  a: x', '  a: y'] }),
        told('yaml: construct errors: line 5: mapping key "a" already defined at line 4'),
      )
      equal(
        await outcome({ properties: null, metadata: ['properties:', '  c: 2020-01-01'] }),
        told('yaml: construct errors: line 4: cannot construct !!timestamp `2020-01-01` into string'),
      )
      equal(
        await outcome({ creationDate: null, metadata: ['creation_date: 1700000000.5'] }),
        told('yaml: construct errors: line 6: cannot construct !!float `1700000...` into int64'),
      )
    },
  },
  {
    name: 'an upload of an invalid image is refused in this version’s words',
    topic,
    async run(context) {
      const { spoken, imageFile } = context
      const ask = await openAsk(context)
      const outcome = async (file: ImageFile, headers: Record<string, string> = {}): Promise<string> =>
        (await upload(ask, file, headers)).err
      equal(
        await outcome(await imageFile({ architecture: 'pdp11' })),
        fillWords(spoken.unknownArchitecture, 'pdp11'),
      )
      const long = `# ${'x'.repeat(1_100_000)}`
      equal(await outcome(await imageFile({ metadata: [long] })), spoken.metadataTooLarge)
      const [file, expected] = [await imageFile(), 'f'.repeat(64)]
      equal(
        await outcome(file, { [`${spoken.headerPrefix}fingerprint`]: expected }),
        `${spoken.fingerprintMismatch}got ${file.fingerprint} expected ${expected}`,
      )
      // The first bytes of an archive compressed with lz4.
      const body = new Uint8Array([0x04, 0x22, 0x4d, 0x18, ...new Uint8Array(600)])
      const { err } = await settle(ask, await ask('POST', '/1.0/images', { body }))
      equal(err !== 'Unsupported compression', spoken.lz4, err)
    },
  },
  {
    name: 'the server ignores the alias and profile headers of an upload, reads them as a query, or also as one plain name',
    topic,
    async run(context) {
      const { spoken, imageFile, unique } = context
      const ask = await openAsk(context)
      const headers = (name: string, value: string) => ({ [`${spoken.headerPrefix}${name}`]: value })
      const [queried, plain, absent] = [unique('queried'), unique('plain'), unique('absent')]
      const isNamed = async (value: string, name: string): Promise<boolean> => {
        await upload(ask, await imageFile(), headers('aliases', value))
        return (await ask('GET', `/1.0/images/aliases/${name}`)).status === 200
      }
      const known = { ignored: [false, false], query: [true, false], 'query-or-plain': [true, true] }
      deepEqual(
        [await isNamed(`alias=${queried}`, queried), await isNamed(plain, plain)],
        known[spoken.aliasHeader],
      )
      const refused = async (value: string): Promise<boolean> => {
        const { err } = await upload(ask, await imageFile(), headers('profiles', value))
        if (err !== '') equal(err, fillWords(spoken.unknownProfileOfCreation, absent))
        return err !== ''
      }
      deepEqual([await refused(`profile=${absent}`), await refused(absent)], known[spoken.profileHeader])
    },
  },
  {
    name: 'T22, T60: an upload by a token without properties gives an image without any or is refused, depending on the version',
    topic,
    async run(context) {
      const { spoken, imageFile } = context
      const ask = await openAsk(context)
      const push = async (file: ImageFile, json: object) => {
        const { fingerprint } = file
        const source = { type: 'image', mode: 'push', fingerprint }
        const { metadata } = await ask('POST', '/1.0/images', { json: { source, ...json } })
        const prefix = spoken.headerPrefix
        return upload(ask, file, {
          [`${prefix}secret`]: metadata.metadata.secret,
          [`${prefix}fingerprint`]: fingerprint,
        })
      }
      const [one, other] = [await imageFile(), await imageFile()]
      const known = { none: '', refused: 'Invalid type for field "properties"' }
      equal((await push(one, {})).err, known[spoken.pushTokenWithoutProperties])
      equal((await push(other, { properties: {} })).err, '')
      const { metadata } = await ask('GET', `/1.0/images/${other.fingerprint}`)
      deepEqual(metadata.properties, {})
    },
  },
  {
    name: 'T5, T48: of several concurrent uploads of one image one succeeds, and the others fail in this version’s words',
    topic,
    async run(context) {
      const { spoken, imageFile } = context
      const ask = await openAsk(context)
      const file = await imageFile({ size: 300_000 })
      const uploads = await Promise.all(Array.from({ length: 8 }, () => upload(ask, file)))
      const losers = uploads.filter(({ err }) => err !== '')
      equal(losers.length, uploads.length - 1)
      for (const { err, metadata } of losers) {
        const known = { 'Image with same fingerprint already exists': true }
        const names: Record<string, boolean> = {
          ...known,
          ...Object.fromEntries(spoken.racingUpload.map((words) => [words, spoken.racingUploadFingerprint])),
        }
        ok(err in names, err)
        equal(metadata?.fingerprint, names[err] ? file.fingerprint : undefined, err)
      }
    },
  },
  {
    name: 'T5, T70: an image uploaded while the server downloads it keeps or loses its file, depending on the version',
    topic,
    needs: ['simplestreams'],
    async run(context) {
      const { spoken } = context
      const ask = await openAsk(context)
      const { file, handle, source } = await holdDownload(context)
      const uploaded = upload(ask, file)
      if (spoken.uploadDuringPull !== 'waits') await uploaded
      source.release()
      await uploaded
      await ask('GET', `/1.0/operations/${handle.id}/wait?timeout=60`)
      const known = { 'loses-file': spoken.lostFileStatus, succeeds: 200, waits: 200 }
      const { status } = await ask('GET', `/1.0/images/${file.fingerprint}/export`)
      equal(status, known[spoken.uploadDuringPull])
    },
  },
  {
    name: 'invalid aliases are refused in this version’s words, and the URL of an alias is encoded in this version’s way',
    topic,
    async run(context) {
      const { spoken, uploaded, unique } = context
      const { fingerprint: target } = await uploaded()
      const ask = await openAsk(context)
      const path = '/1.0/images/aliases'
      equal(tell(await ask('GET', `${path}/${unique('absent')}`)), `404 ${spoken.missingAlias}`)
      equal(
        tell(await ask('POST', path, { json: { name: unique('aimless') } })),
        `400 ${spoken.aliasIncomplete}`,
      )
      const stem = unique('named')
      const refused: Record<string, string> = {
        [`${stem} b`]: 'Name cannot contain white space',
        [`${stem}?b`]: 'Name contains invalid character "?"',
        [`-${stem}`]: 'Names must start and end with an alphanumeric character',
        [stem.padEnd(65, 'x')]: 'Maximum name length is 64 characters',
      }
      for (const [name, words] of Object.entries(refused))
        equal(
          tell(await ask('POST', path, { json: { name, target } })),
          spoken.checksAliasNames ? `400 Invalid image alias name: ${words}` : '201',
        )
      const made = await ask('POST', path, { json: { name: `${stem}/b`, target } })
      equal(tell(made), '201')
      const slash = spoken.doubleEncodedAliasUrls ? '%252F' : '%2F'
      ok(
        made.headers.get('location')?.endsWith(`${path}/${stem}${slash}b`),
        made.headers.get('location') ?? '',
      )
      const { status } = await ask('GET', `${path}/${stem}/b`)
      equal(status, spoken.slashInAliasPath ? 200 : 404)
    },
  },
  {
    name: 'T10: an alias named "" can be used like any other, cannot be changed, or cannot be reached, depending on the version',
    topic,
    async run(context) {
      const { spoken, imageFile } = context
      const ask = await openAsk(context)
      const file = await imageFile()
      const source = { type: 'image', mode: 'push', fingerprint: file.fingerprint }
      const json = { source, properties: {}, aliases: [{ name: '', description: '' }] }
      const { metadata } = await ask('POST', '/1.0/images', { json })
      await upload(ask, file, {
        [`${spoken.headerPrefix}secret`]: metadata.metadata.secret,
        [`${spoken.headerPrefix}fingerprint`]: file.fingerprint,
      })
      const path = '/1.0/images/aliases/'
      const known = { reachable: [200, 200], unchangeable: [200, 500], unreachable: [404, 404] }
      deepEqual(
        [(await ask('GET', path)).status, (await ask('DELETE', path)).status],
        known[spoken.emptyAlias],
      )
    },
  },
  {
    name: 'T9: a PATCH of an alias works, or fails after twenty seconds and changes nothing',
    topic,
    needs: ['restart'],
    async run(context) {
      const { connect, startOwn, imageFile, unique, spoken } = context
      // A separate server, so that no other client writes meanwhile.
      const server = await startOwn()
      const own = await connect({ server })
      const { source, fingerprint } = await imageFile()
      const name = unique('patched')
      await own.images.upload(source, { fingerprint, aliases: [name] })
      const ask = await openAsk(context, { server })
      // The words depend on the statement of the transaction that the deadline meets.
      match(
        tell(await ask('PATCH', `/1.0/images/aliases/${name}`, { json: { description: 'new' } })),
        spoken.aliasPatchFails
          ? /^500 (context deadline exceeded|.* transaction has already been committed or rolled back)$/
          : /^200$/,
      )
      const { description } = await own.aliases.get(name)
      equal(description, spoken.aliasPatchFails ? '' : 'new')
    },
  },
]

// biome-ignore lint/suspicious/noExplicitAny: cases look wherever they like
async function upload(ask: Ask, { path }: ImageFile, headers: Record<string, string> = {}): Promise<any> {
  return settle(ask, await ask('POST', '/1.0/images', { body: await readFile(path), headers }))
}
