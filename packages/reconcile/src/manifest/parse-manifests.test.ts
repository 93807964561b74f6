// biome-ignore-all lint/suspicious/noTemplateCurlyInString: manifests are written so
import { describe, expect, test } from 'vitest'
import type { Manifest } from './manifest.ts'
import { ManifestError } from './manifest-error.ts'
import { parseManifests } from './parse-manifest.ts'

const head = 'version: 1\nname: base\n'
const servers = 'servers:\n  prod: { remote: prod }\n  edge: { remote: edge }\n'

function parse(texts: Record<string, string>, environment: Record<string, string> = {}): Manifest {
  const given = Object.entries(texts).map(([file, text]) => ({ file, text, folder: `/${file}`, environment }))
  return parseManifests(given, Object.keys(texts).join(', '))
}

function problemsOf(texts: Record<string, string>, environment: Record<string, string> = {}): string[] {
  try {
    parse(texts, environment)
    return []
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error
    return error.message.split('\n')
  }
}

describe('several files', () => {
  test('are one manifest: servers of one, images of others, defaults and paths of their own', () => {
    const manifest = parse({
      'a.yaml': `${head}${servers}`,
      'b.yaml': `${head}defaults: { public: true, servers: [edge] }\nimages: [{ name: b, source: { file: b.tar } }]\n`,
      'c.yaml': `${head}images: [{ name: c, source: { file: c.tar } }]\n`,
    })
    expect(manifest).toMatchObject({ file: 'a.yaml, b.yaml, c.yaml', name: 'base' })
    expect(manifest.servers.map(({ name }) => name)).toEqual(['prod', 'edge'])
    expect(manifest.images).toMatchObject([
      { name: 'b', public: true, servers: ['edge'], source: { file: '/b.yaml/b.tar' } },
      { name: 'c', servers: ['prod', 'edge'], at: { file: 'c.yaml', line: 3, column: 10 } },
    ])
    expect(manifest.images[1]).toMatchObject({ public: undefined })
  })

  test('have each server and each image once, and tell both places', () => {
    const images = 'images:\n  - { name: one, source: { file: a.tar } }\n'
    expect(
      problemsOf({ 'a.yaml': `${head}${servers}${images}`, 'b.yaml': `${head}${servers}${images}` }),
    ).toEqual([
      'b.yaml:4:9: server "prod" stands in a.yaml:4:9 already',
      'b.yaml:5:9: server "edge" stands in a.yaml:5:9 already',
      'b.yaml:7:13: image "one" stands in a.yaml:7:13 already',
    ])
  })

  test('have one owner', () => {
    expect(problemsOf({ 'a.yaml': `${head}${servers}`, 'b.yaml': 'version: 1\nname: other\n' })).toEqual([
      'b.yaml:2:7: "name" is "other", and "base" in a.yaml:2:7: files of one manifest have one owner',
    ])
  })

  test('refer to each other, and a name that is in none of them is told where it is used', () => {
    expect(
      problemsOf({
        'a.yaml': `${head}${servers}`,
        'b.yaml': `${head}defaults: { servers: [prdo] }\nimages:\n  - { name: x, source: { file: x }, aliases: [y] }\n  - { name: w, source: { file: x }, servers: [edgee] }\n`,
        'c.yaml': `${head}images:\n  - { name: y, source: { file: y } }\n  - { name: z, source: { file: y }, aliases: [y] }\n`,
      }),
    ).toEqual([
      'b.yaml:3:23: unknown server "prdo": did you mean "prod"?',
      'b.yaml:6:47: unknown server "edgee": did you mean "edge"?',
      'c.yaml:5:47: alias "y" is given to image "y" on server "prod" already',
    ])
  })

  test('tell what is wrong in each of them at once, and nothing that only follows from it', () => {
    expect(
      problemsOf({
        'a.yaml': `${head}servers: {\n`,
        'b.yaml': `${head}images:\n  - { name: x, sorce: { file: x }, servers: [prod] }\n`,
      }).map((line) => line.slice(0, 20)),
    ).toEqual(['a.yaml:4:1: Flow map', 'b.yaml:4:16: unknown'])
  })
})

describe('environment variables in values', () => {
  const manifest = (image: string): Record<string, string> => ({
    'a.yaml': `${head}servers: { prod: { remote: prod } }\nimages:\n  - ${image}\n`,
  })

  test('are filled in, and $${ is the text itself', () => {
    const { images } = parse(
      manifest(
        '{ name: "web/${TAG}", source: { file: "${DIR}/x.tar" }, properties: { a: "$${TAG} ${TAG}${TAG}", b: "${NONE}" } }',
      ),
      { TAG: 'v1', DIR: '/out', NONE: '' },
    )
    expect(images[0]).toMatchObject({
      name: 'web/v1',
      source: { file: '/out/x.tar' },
      properties: { a: '${TAG} v1v1', b: '' },
    })
  })

  test('that are not set are an error at their place, as is what looks like one', () => {
    expect(
      problemsOf(
        manifest(
          '{ name: "${TAG}", source: { file: "${constructor}" }, properties: { a: "${1}", b: "${A" } }',
        ),
      ),
    ).toEqual([
      'a.yaml:5:13: environment variable "TAG" is not set',
      'a.yaml:5:39: environment variable "constructor" is not set',
      'a.yaml:5:76: "${" begins the name of an environment variable, as in "${NAME}": write "$${" for the text',
      'a.yaml:5:87: "${" begins the name of an environment variable, as in "${NAME}": write "$${" for the text',
    ])
  })

  test('are not filled into keys, nor into what is no text', () => {
    const { images } = parse(manifest('{ name: x, source: { file: x }, properties: { "${TAG}": y } }'))
    expect(images[0]).toMatchObject({ properties: { '${TAG}': 'y' } })
  })

  test('show in errors as they are written, never with their value', () => {
    const environment = { WHERE: 'nowhere', API_TOKEN: 'hunter2-hunter2' }
    expect(
      problemsOf(
        manifest(
          '{ name: x, source: { file: x }, expiresAt: "${API_TOKEN}", state: "a ${API_TOKEN}" }\n  - { name: y, source: { file: x }, servers: ["${WHERE}"] }',
        ),
        environment,
      ).join('\n'),
    ).toBe(
      [
        'a.yaml:5:48: "expiresAt" must be "never", a day such as 2027-03-31 (UTC), or a time with its zone such as 2027-03-31T12:00:00Z, after 1970',
        'a.yaml:5:71: "state" must be "present" or "absent", not "a ${API_TOKEN}"',
        'a.yaml:6:47: unknown server "${WHERE}": known are prod',
      ].join('\n'),
    )
  })

  test('whose names say so are secrets', () => {
    const { secrets } = parse(
      manifest('{ name: x, source: { file: "${DIR}" }, properties: { a: "${DB_PASSWORD}" } }'),
      {
        DIR: 'x',
        DB_PASSWORD: 'p',
      },
    )
    expect(secrets).toEqual([{ name: 'DB_PASSWORD', value: 'p' }])
  })
})
