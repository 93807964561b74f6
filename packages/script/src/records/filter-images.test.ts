import type { Image } from '@hyperkit/core'
import { expect, test } from 'vitest'
import { filterImages } from './filter-images.ts'
import type { FilterRules } from './filter-rules.ts'

const ofServer: FilterRules = { fieldsOrProperties: [], serverCompares: false, shortens: 'every-part' }
const ofNewIncus: FilterRules = {
  fieldsOrProperties: ['architecture'],
  serverCompares: true,
  shortens: 'first-part',
}
const ofStreams: FilterRules = { fieldsOrProperties: 'all', serverCompares: false, shortens: 'every-part' }

const base: Image = {
  fingerprint: '',
  aliases: [],
  properties: {},
  public: false,
  autoUpdate: false,
  cached: false,
  architecture: 'x86_64',
  type: 'container',
  filename: '',
  size: 100,
  profiles: ['default'],
  createdAt: new Date('2024-05-01T10:00:00Z'),
  uploadedAt: undefined,
  lastUsedAt: undefined,
  expiresAt: undefined,
  updateSource: undefined,
  locations: undefined,
  project: 'default',
  etag: undefined,
}

const images: Image[] = [
  {
    ...base,
    fingerprint: 'aaaa1111',
    aliases: [{ name: 'alpine/edge', description: '' }],
    properties: { os: 'Alpine', description: 'x of Alpine', architecture: 'amd64', 'user.kind': 'small' },
    public: true,
  },
  {
    ...base,
    fingerprint: 'bbbb2222',
    properties: { os: 'Debian', release: '12' },
    type: 'virtual-machine',
    filename: 'debian.qcow2',
    updateSource: {
      server: 'https://images.example.org',
      protocol: 'simplestreams',
      alias: 'debian/12',
      certificate: '',
      imageType: '',
    },
  },
  { ...base, fingerprint: 'cccc1122', properties: { os: 'alpine' }, autoUpdate: true, profiles: [] },
]

const columns = { l: { title: 'ALIAS', text: ({ aliases }: Image) => aliases[0]?.name ?? '' } }

const find = (words: string[], rules = ofServer) => {
  const found = filterImages(images, words, { rules, columns, name: 'main' })
  return { hints: found.hints, letters: found.images.map(({ fingerprint }) => fingerprint[0]).join('') }
}

test.each([
  ['type=container', 'ac'],
  ['type=VIRTUAL.*', 'b'],
  ['public=false', 'bc'],
  ['public=yes', 'a'],
  ['auto_update=true', 'c'],
  ['architecture=x86_64', 'abc'],
  ['size=100', 'abc'],
  ['filename=debian', ''],
  ['filename=^debian', 'b'],
  ['profiles=default', 'ab'],
  ['aliases=^alpine/', 'a'],
  ['update_source.protocol=simplestreams', 'b'],
  ['created_at=2024-05-01T12:00:00+02:00', 'abc'],
  ['created_at=^2025', ''],
  ['description=^x', 'a'],
  ['description=Alpine', ''],
  ['description=Alpine$', 'a'],
  ['os=Alpine', 'a'],
  ['os=(?i)alpine', 'ac'],
  ['os=[[:upper:]][a-z]*', 'ab'],
  ['o=Debian', 'b'],
  ['u.k=small', 'a'],
  ['properties.architecture=amd64', 'a'],
  ['release=[1', ''],
  ['l=alpine/edge', 'a'],
  ['edge', 'a'],
  ['22', 'bc'],
  ['BBBB', 'b'],
] as const)('the filter %s finds the images %j', (word, letters) => {
  expect(find([word])).toEqual({ letters, hints: [] })
})

test('an image must match all filters', () => {
  expect(find(['type=container', 'public=false'])).toEqual({ letters: 'c', hints: [] })
})

test('newer Incus servers compare properties themselves: in any case, and with several values', () => {
  expect([find(['os=ALPINE']).letters, find(['os=ALPINE'], ofNewIncus).letters]).toEqual(['', 'ac'])
  expect([find(['os=Alpine,Debian']).letters, find(['os=Alpine,debian'], ofNewIncus).letters]).toEqual([
    '',
    'abc',
  ])
})

test('the newest Incus accepts the first part of a dotted name shortened', () => {
  expect(find(['us.kind=small'], ofNewIncus)).toEqual({ letters: 'a', hints: [] })
  expect(find(['u.k=small'], ofNewIncus).hints).toHaveLength(1)
})

test('the name of a field means the field on a server, and also the property on a simplestreams server', () => {
  for (const rules of [ofStreams, ofNewIncus])
    expect(find(['architecture=amd64'], rules)).toEqual({ letters: 'a', hints: [] })
  expect(find(['architecture=amd64'])).toEqual({
    letters: '',
    hints: [
      'No image on "main" has this architecture, but a property "architecture" has the value; filter by "properties.architecture=..."',
    ],
  })
})

test.each([
  ['publik=true', 'No image on "main" has a field or a property "publik"; did you mean "public"?'],
  [
    'autoUpdate=true',
    'No image on "main" has a field or a property "autoUpdate"; did you mean "auto_update"?',
  ],
  ['relaese=12', 'No image on "main" has a field or a property "relaese"; did you mean "release"?'],
  [
    'something=else',
    'No image on "main" has a field or a property "something"; "show" prints what an image has',
  ],
])('a key that no image has is reported: %s', (word, hint) => {
  expect(find([word])).toEqual({ letters: '', hints: [hint] })
})

test.each([
  ['public=maybe', '"public" of an image is true or false, not "maybe"'],
  ['size=1GiB', '"size" of an image is a number of bytes, not "1GiB"'],
])('a value that a field cannot have is an error: %s', (word, sentence) => {
  expect(() => find([word])).toThrow(sentence)
})
