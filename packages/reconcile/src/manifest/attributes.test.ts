import { describe, expect, test } from 'vitest'
import { imageOn } from './image-on.ts'
import type { Manifest, PresentImage } from './manifest.ts'
import { ManifestError } from './manifest-error.ts'
import { parseManifest, parseManifests } from './parse-manifest.ts'
import { findServers } from './select-servers.ts'

const parse = (text: string): Manifest => parseManifest({ file: 'm.yaml', text, folder: '/fleet' })

const head = `version: 1
name: fleet
servers:
  prod: { remote: prod, labels: { tier: core } }
  north: { remote: north, labels: { tier: edge, site: north } }
  south: { remote: south, labels: { tier: edge, site: south } }
`

function problemsOf(rest: string): string[] {
  try {
    parse(head + rest)
  } catch (error) {
    if (error instanceof ManifestError) return error.message.split('\n').map((line) => line.slice(7))
    throw error
  }
  return []
}

const one = (more: string, defaults = ''): string =>
  `${defaults}images:\n  - { name: a, source: { file: a }, ${more} }\n`
const parseOne = (more: string, defaults?: string): PresentImage =>
  parse(head + one(more, defaults)).images[0] as PresentImage

describe('attributes of an image', () => {
  test('attributes come from the image, else from the defaults, and profiles are sorted', () => {
    const defaults =
      'defaults: { autoUpdate: true, profiles: [web, default], propertiesMode: exact, keep: 3 }\n'
    expect(parseOne('filename: x.tar.gz', defaults)).toMatchObject({
      autoUpdate: true,
      profiles: ['default', 'web'],
      propertiesMode: 'exact',
      filename: 'x.tar.gz',
      keep: 3,
    })
    expect(parseOne('autoUpdate: false, profiles: [], propertiesMode: merge', defaults)).toMatchObject({
      autoUpdate: false,
      profiles: [],
      propertiesMode: 'merge',
    })
  })

  test('an override merges properties one by one and replaces every other attribute', () => {
    const image = parseOne(
      'public: false, aliases: [b], profiles: [x], properties: { a: "1", b: "1" }, keep: 2, overrides: { north: ' +
        '{ public: true, aliases: [{ name: a, description: A }, c], properties: { b: "2", d: "" }, expiresAt: never, keep: 5 } }',
      'defaults: { properties: { team: t, b: "0" }, expiresAt: 2030-01-01 }\n',
    )
    expect(imageOn(image, 'prod')).toMatchObject({
      public: false,
      aliases: [{ name: 'a' }, { name: 'b' }],
      properties: { team: 't', a: '1', b: '1' },
      expiresAt: new Date('2030-01-01'),
      keep: 2,
    })
    expect(imageOn(image, 'north')).toMatchObject({
      public: true,
      aliases: [{ name: 'a', description: 'A' }, { name: 'c' }],
      properties: { team: 't', a: '1', b: '2', d: '' },
      profiles: ['x'],
      expiresAt: null,
      keep: 5,
    })
  })

  test('two images may share an alias if an override keeps it apart on each server', () => {
    const images = (alias: string): string =>
      `images:\n  - { name: a, source: { file: a }, aliases: [lts], overrides: { north: { aliases: [old] } } }\n  - { name: b, source: { file: b }, servers: [north], aliases: [${alias}] }\n`
    expect(problemsOf(images('lts'))).toEqual([])
    expect(problemsOf(images('old'))).toEqual([
      '9:65: alias "old" already belongs to image "a" on server "north"',
    ])
  })
})

describe('servers of an image', () => {
  test('an image gets the servers that have all its labels, and overrides the choice of the defaults', () => {
    const edge = 'defaults: { serverLabels: { tier: edge } }\n'
    expect(parseOne('public: true', edge).servers).toEqual(['north', 'south'])
    expect(parseOne('serverLabels: { tier: edge, site: south }', edge).servers).toEqual(['south'])
    expect(parseOne('servers: [prod]', edge).servers).toEqual(['prod'])
    expect(parseOne('serverLabels: { tier: lab }, allowNoServers: true').servers).toEqual([])
  })

  test('labels choose servers that are declared in another file', () => {
    const texts = {
      'a.yaml': head,
      'b.yaml': `version: 1\nname: fleet\ndefaults: { serverLabels: { tier: edge } }\n${one('keep: 1')}`,
    }
    const given = Object.entries(texts).map(([file, text]) => ({ file, text, folder: '/' }))
    expect(parseManifests(given, 'both').images[0]?.servers).toEqual(['north', 'south'])
    const wrong = given.map((each) => ({
      ...each,
      text: each.text.replace('{ tier: edge } }\nimages', '{ tier: lab } }\nimages'),
    }))
    expect(() => parseManifests(wrong, 'both')).toThrow(
      'b.yaml:3:27: no server has tier=lab: known labels: site=north, site=south, tier=core, tier=edge',
    )
  })

  test('findServers finds servers by name and by label, in the order of the manifest', () => {
    const manifest = parse(`${head}images: []\n`)
    expect(findServers(manifest, [])).toEqual([])
    expect(findServers(manifest, ['south', 'tier=core', 'south'])).toEqual(['prod', 'south'])
    expect(findServers(manifest, ['site=south,tier=edge'])).toEqual(['south'])
    expect(() => findServers(manifest, ['nroth'])).toThrow(
      'Unknown server "nroth" in "m.yaml": did you mean "north"?',
    )
    expect(() => findServers(manifest, ['tier=edge,site=mars'])).toThrow(
      'No server in "m.yaml" has tier=edge,site=mars',
    )
  })
})

test.each<[string, string, string[]]>([
  [
    'labels that no server has',
    one('serverLabels: { tier: egde }'),
    ['8:51: no server has tier=egde: did you mean tier=edge?'],
  ],
  [
    'names together with labels, and empty labels',
    one('servers: [prod], serverLabels: { tier: edge }') +
      '  - { name: b, source: { file: b }, serverLabels: {} }\n',
    [
      '8:68: "serverLabels" cannot be combined with "servers": choose servers by name or by label',
      '9:51: "serverLabels" is empty: leave it out to choose all servers',
    ],
  ],
  [
    'overrides for an unknown server, for one that does not get the image, and with unknown attributes',
    one(
      'servers: [prod], overrides: { nroth: {}, north: { public: true }, prod: { state: absent, profile: [x] } }',
    ),
    [
      '8:67: unknown server "nroth": did you mean "north"?',
      '8:78: server "north" does not get image "a", so an override for it has no effect',
      '8:111: unknown key "state": known keys: aliases, public, properties, propertiesMode, autoUpdate, profiles, expiresAt, keep, keepDays, filename',
      '8:126: unknown key "profile": did you mean "profiles"?',
    ],
  ],
  [
    'invalid values of attributes',
    one('autoUpdate: yes, profiles: [a, a], propertiesMode: replace, filename: ../x, labels: { a: b }'),
    [
      '8:49: "autoUpdate" must be true or false, not "yes"',
      '8:64: "profiles" must list each profile only once',
      '8:88: "propertiesMode" must be "merge" or "exact", not "replace"',
      '8:107: "filename" must be the name of a file, without "/", "\\" or control characters',
      '8:113: unknown key "labels": known keys: name, source, aliases, public, properties, propertiesMode, autoUpdate, profiles, expiresAt, keep, keepDays, filename, servers, serverLabels, allowNoServers, overrides, state',
    ],
  ],
  [
    'attributes of an absent image',
    'images:\n  - { name: a, state: absent, profiles: [], overrides: {} }\n',
    [
      '8:41: "profiles" is not allowed in an image with "state: absent"',
      '8:56: "overrides" is not allowed in an image with "state: absent"',
    ],
  ],
  [
    'invalid labels and tokens of servers',
    '  x: { remote: x, labels: { "a=b": c, d: "e,f", tier: 1 }, token: abc }\n  y: { url: "https://y", token: abc, tokenFile: t }\nimages: [{ name: a, source: { file: a }, serverLabels: { tier: "1" } }]\n',
    [
      '7:29: "a=b" must not be empty or contain spaces, "=" or ",", so that `--server tier=edge,site=berlin` can use it',
      '7:42: "d" must not be empty or contain spaces, "=" or ",", so that `--server tier=edge,site=berlin` can use it',
      '7:55: "tier" must be a string, but 1 is a number in YAML: quote it, "1"',
      '8:49: "tokenFile" cannot be combined with "token": give one of them',
    ],
  ],
  [
    'tokens of servers that need none',
    '  x: { socket: /s, token: abc }\nimages: []\n',
    ['7:27: "token" is allowed only with "url": a socket needs none'],
  ],
])('parseManifest refuses %s at their position', (_, text, expected) => {
  expect(problemsOf(text)).toEqual(expected)
})

test('a token is a secret of the manifest, and an error about it does not show it', () => {
  const text = (token: string): string =>
    `version: 1\nname: n\nservers: { it: { url: "https://it", token: ${token} } }\nimages: []\n`
  expect(parse(text('abc.DEF_9-~+/=='))).toMatchObject({
    servers: [{ reach: { token: { kind: 'text', text: 'abc.DEF_9-~+/==' } } }],
    secrets: [{ name: 'servers.it.token', value: 'abc.DEF_9-~+/==' }],
  })
  for (const wrong of ['"sec ret"', '12345678', '[12345678]', '"a\\nb"'])
    try {
      parse(text(wrong))
      expect.unreachable()
    } catch (error) {
      expect(String(error)).toMatch(/"token" must be a/)
      expect(String(error)).not.toMatch(/sec ret|12345678/)
    }
})
