import { deepEqual, equal, match, ok } from 'node:assert/strict'
import type { Image } from '@hyperkit/core'
import type { CaseContext } from '../harness/case-context.ts'
import type { ConformanceCase } from '../harness/conformance-case.ts'
import { expectError } from '../harness/expect-error.ts'
import type { ImageFile } from '../harness/image-files.ts'

const topic = 'refresh'
const needs = ['second-server'] as const

export const cases: ConformanceCase[] = [
  {
    name: 'a refresh downloads a newer version from the source and returns its fingerprint',
    topic,
    needs,
    async run(context) {
      const { client, unique } = context
      const name = unique('followed')
      const { image, next } = await pulledAndOutdated(context, { aliases: [name], public: true })
      const result = await client.images.refresh(image.fingerprint)
      deepEqual([result.refreshed, result.previous], [true, image.fingerprint])
      equal(result.image.fingerprint, next.fingerprint)
      equal((await client.images.getByAlias(name)).fingerprint, next.fingerprint)
      equal(await client.images.find(image.fingerprint), undefined)
      deepEqual([result.image.public, result.image.autoUpdate], [true, false])
    },
  },
  {
    name: 'a refresh leaves automatic updates on or off as they were',
    topic,
    needs,
    async run(context) {
      for (const autoUpdate of [true, false]) {
        const { image } = await pulledAndOutdated(context, { autoUpdate })
        const result = await context.client.images.refresh(image.fingerprint)
        deepEqual([result.refreshed, result.image.autoUpdate], [true, autoUpdate])
        equal((await context.client.images.get(result.image.fingerprint)).autoUpdate, autoUpdate)
      }
    },
  },
  {
    name: 'a refresh changes nothing if the source has nothing new',
    topic,
    needs,
    async run(context) {
      const { client } = context
      const { image } = await pulled(context, {})
      const result = await client.images.refresh(image.fingerprint)
      deepEqual([result.refreshed, result.previous], [false, image.fingerprint])
      deepEqual(result.image, await client.images.get(image.fingerprint))
      deepEqual({ ...result.image, lastUsedAt: undefined }, { ...image, lastUsedAt: undefined })
    },
  },
  {
    name: 'an image whose source is gone is not refreshed, and stays',
    topic,
    needs,
    async run(context) {
      const { client, source } = context
      const { image, alias } = await pulled(context, {})
      await source.client.aliases.delete(alias)
      equal((await client.images.refresh(image.fingerprint)).refreshed, false)
      ok(await client.images.find(image.fingerprint))
    },
  },
  {
    name: 'an image without a source cannot be refreshed',
    topic,
    async run({ client, uploaded }) {
      const { fingerprint } = await uploaded()
      const error = await expectError(client.images.refresh(fingerprint), 'operation-failed', 'not-found')
      match(error.message, /source/)
    },
  },
]

type Asked = { aliases?: string[]; public?: boolean; autoUpdate?: boolean }

/** An image that was downloaded by an alias of the source. */
async function pulled(
  { client, source, imageFile, unique }: CaseContext,
  asked: Asked,
): Promise<{ image: Image; alias: string }> {
  const file = await imageFile()
  const alias = unique('source')
  await source.client.images.upload(file.source, {
    fingerprint: file.fingerprint,
    public: true,
    aliases: [alias],
  })
  const certificate = source.serverCertificate
  return { alias, image: await client.images.createFromRemote(source.url, { alias, certificate, ...asked }) }
}

/** Like {@link pulled}, and then the alias of the source points at another image. */
async function pulledAndOutdated(
  context: CaseContext,
  asked: Asked,
): Promise<{ image: Image; next: ImageFile }> {
  const { image, alias } = await pulled(context, asked)
  const next = await context.imageFile()
  await context.source.client.images.upload(next.source, {
    fingerprint: next.fingerprint,
    public: true,
    aliases: [alias],
    reuseAliases: true,
  })
  return { image, next }
}
