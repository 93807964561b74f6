import { expect, test } from 'vitest'
import { fillManifestPage } from './fill-manifest-page.ts'

const attribute = { type: 'boolean', description: 'Whether it is public. Default: `false`.' }
const schema = {
  properties: {
    name: { type: 'string', description: 'Its name.' },
    defaults: { properties: { public: attribute } },
    images: { items: { properties: { public: attribute } } },
  },
  required: ['name'],
}

test('a block becomes a table with type, place, default and meaning, and its end stays', () => {
  const page =
    'a\n<!-- keys of manifest: name -->\nold\n<!-- end of keys -->\nb\n<!-- keys of images.* -->\n<!-- end of keys -->\n'
  expect(fillManifestPage(page, schema)).toEqual({
    text: [
      'a',
      '<!-- keys of manifest: name -->',
      '| key | type | default | meaning |',
      '| --- | --- | --- | --- |',
      '| `name` | string | required | Its name. |',
      '<!-- end of keys -->',
      'b',
      '<!-- keys of images.* -->',
      '| key | type | allowed in | default | meaning |',
      '| --- | --- | --- | --- | --- |',
      '| `public` | `true`, `false` | `defaults`, image | `false` | Whether it is public. |',
      '<!-- end of keys -->',
      '',
    ].join('\n'),
    problems: [],
  })
})

test('a key that no block shows is a problem, and so is one that does not exist', () => {
  const { problems } = fillManifestPage('<!-- keys of manifest: nmae -->\n<!-- end of keys -->', schema)
  expect(problems).toContain('docs/manifest.md: there is no key "nmae"')
  expect(problems).toContain('docs/manifest.md: no block shows "name"')
  expect(problems).toContain('docs/manifest.md: no block shows "images.*.public"')
})
