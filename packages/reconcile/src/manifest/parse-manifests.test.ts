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

describe('parseManifests with several files', () => {
  test('several files make one manifest, and each has its own defaults and folder', () => {
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

  test('a server or image that two files declare is refused with both positions', () => {
    const images = 'images:\n  - { name: one, source: { file: a.tar } }\n'
    expect(
      problemsOf({ 'a.yaml': `${head}${servers}${images}`, 'b.yaml': `${head}${servers}${images}` }),
    ).toEqual([
      'b.yaml:4:9: server "prod" is already declared in a.yaml:4:9',
      'b.yaml:5:9: server "edge" is already declared in a.yaml:5:9',
      'b.yaml:7:13: image "one" is already declared in a.yaml:7:13',
    ])
  })

  test('files with different names are refused', () => {
    expect(problemsOf({ 'a.yaml': `${head}${servers}`, 'b.yaml': 'version: 1\nname: other\n' })).toEqual([
      'b.yaml:2:7: "name" is "other" here but "base" in a.yaml:2:7: all files of a manifest must have the same name',
    ])
  })

  test('files may refer to each other, and an unknown name is reported at the position that uses it', () => {
    expect(
      problemsOf({
        'a.yaml': `${head}${servers}`,
        'b.yaml': `${head}defaults: { servers: [prdo] }\nimages:\n  - { name: x, source: { file: x }, aliases: [y] }\n  - { name: w, source: { file: x }, servers: [edgee] }\n`,
        'c.yaml': `${head}images:\n  - { name: y, source: { file: y } }\n  - { name: z, source: { file: y }, aliases: [y] }\n`,
      }),
    ).toEqual([
      'b.yaml:3:23: unknown server "prdo": did you mean "prod"?',
      'b.yaml:6:47: unknown server "edgee": did you mean "edge"?',
      'c.yaml:5:47: alias "y" already belongs to image "y" on server "prod"',
    ])
  })

  test('mistakes of all files are reported at once, without those that only follow from them', () => {
    expect(
      problemsOf({
        'a.yaml': `${head}servers: {\n`,
        'b.yaml': `${head}images:\n  - { name: x, sorce: { file: x }, servers: [prod] }\n`,
      }).map((line) => line.slice(0, 20)),
    ).toEqual(['a.yaml:4:1: Flow map', 'b.yaml:4:16: unknown'])
  })
})

describe('parseManifests with environment variables', () => {
  const manifest = (image: string): Record<string, string> => ({
    'a.yaml': `${head}servers: { prod: { remote: prod } }\nimages:\n  - ${image}\n`,
  })

  test('environment variables are filled into values, and $${ is a literal ${', () => {
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

  test('unset variables and malformed references are refused at their position', () => {
    expect(
      problemsOf(
        manifest(
          '{ name: "${TAG}", source: { file: "${constructor}" }, properties: { a: "${1}", b: "${A" } }',
        ),
      ),
    ).toEqual([
      'a.yaml:5:13: environment variable "TAG" is not set',
      'a.yaml:5:39: environment variable "constructor" is not set',
      'a.yaml:5:76: "${" begins the name of an environment variable, as in "${NAME}": write "$${" for a literal "${"',
      'a.yaml:5:87: "${" begins the name of an environment variable, as in "${NAME}": write "$${" for a literal "${"',
    ])
  })

  test('environment variables are not filled into keys', () => {
    const { images } = parse(manifest('{ name: x, source: { file: x }, properties: { "${TAG}": y } }'))
    expect(images[0]).toMatchObject({ properties: { '${TAG}': 'y' } })
  })

  test('errors show the reference to a variable, not its value', () => {
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
        'a.yaml:5:48: "expiresAt" must be "never", a date after 1970 such as 2027-03-31 (UTC), or a time with a zone such as 2027-03-31T12:00:00Z',
        'a.yaml:5:71: "state" must be "present" or "absent", not "a ${API_TOKEN}"',
        'a.yaml:6:47: unknown server "${WHERE}": known servers: prod',
      ].join('\n'),
    )
  })

  test('the values of variables with secret names are secrets of the manifest', () => {
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
