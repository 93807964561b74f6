import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

/**
 * Every public method of `Client::Images` and `Client::Operations` of the gem 1.3.0 (commit 25be5c6), with its parameters
 * and its options, both those in its comments and those in its code.
 */
const gem: Record<string, readonly string[]> = {
  images: [],
  'image(fingerprint, options)': ['secret'],
  'image_by_alias(alias_name, options)': ['secret'],
  'create_image_from_file(file, options)': ['fingerprint', 'filename', 'public', 'properties', 'sync'],
  'create_image_from_remote(server, options)': [
    'alias',
    'auto_update',
    'certificate',
    'filename',
    'fingerprint',
    'protocol',
    'public',
    'properties',
    'secret',
    'sync',
  ],
  'create_image_from_url(url, options)': ['filename', 'public', 'properties', 'sync'],
  'create_image_from_container(name, options)': ['filename', 'public', 'description', 'properties', 'sync'],
  'create_image_from_snapshot(container, snapshot, options)': [
    'filename',
    'public',
    'description',
    'properties',
    'sync',
  ],
  'delete_image(fingerprint, options)': ['sync'],
  'update_image(fingerprint, options)': ['auto_update', 'properties', 'public'],
  'create_image_secret(fingerprint)': [],
  'export_image(fingerprint, output_dir, options)': ['filename', 'secret'],
  image_aliases: [],
  'image_alias(alias_name)': [],
  'create_image_alias(fingerprint, alias_name, options)': ['description'],
  'delete_image_alias(alias_name)': [],
  'rename_image_alias(old_alias, new_alias)': [],
  'update_image_alias(alias_name, options)': ['target', 'description'],
  operations: [],
  'operation(uuid)': [],
  'cancel_operation(uuid)': [],
  'wait_for_operation(uuid, timeout)': [],
}

/** The errors of `lib/hyperkit/error.rb` that its methods for images and operations raise. */
const gemErrors = [
  ...['BadRequest', 'Unauthorized', 'Forbidden', 'NotFound', 'MethodNotAllowed', 'NotAcceptable', 'Conflict'],
  ...['UnsupportedMediaType', 'UnprocessableEntity', 'ClientError', 'InternalServerError', 'NotImplemented'],
  ...['BadGateway', 'ServiceUnavailable', 'ImageIdentifierRequired', 'AliasAttributesRequired'],
  'InvalidProtocol',
]

/** `Hyperkit::Configurable.keys` */
const settings = [
  'api_endpoint',
  'auto_sync',
  'client_cert',
  'client_key',
  'default_media_type',
  'middleware',
  'proxy',
  'user_agent',
  'verify_ssl',
]

const page = readFileSync(fileURLToPath(new URL('../../docs/from-hyperkit.md', import.meta.url)), 'utf8')
const sections = new Map(
  page
    .split(/^### /m)
    .slice(1)
    .map((section) => [/^`(.*)`/.exec(section)?.[1] ?? '', section.split(/^## /m)[0] ?? '']),
)

test.each(Object.entries(gem))('the page shows the equivalent of the gem’s %s', (method, options) => {
  const section = sections.get(method)
  expect(section, `a section "### \`${method}\`"`).toBeDefined()
  for (const option of options) expect(section).toContain(`\`${option}:\``)
  expect(section).toContain('```ts\n')
})

test('the page names every setting of the gem’s client', () => {
  const section = sections.get('Hyperkit::Client.new(options)') ?? ''
  for (const setting of settings) expect(section).toContain(`\`${setting}:\``)
})

test('the page names every error of the gem, and every error code of Hyperkit', () => {
  const errors = page.slice(page.indexOf('\n## Errors\n'))
  for (const name of gemErrors) expect(errors).toContain(`\`${name}\``)
  const source = readFileSync(
    new URL('../../packages/core/src/errors/hyperkit-error.ts', import.meta.url),
    'utf8',
  )
  const [union = ''] = /export type ErrorCode =[^=]*?\n\n/s.exec(source) ?? []
  const codes = [...union.matchAll(/\| '([a-z-]+)'/g)].map(([, code]) => code)
  expect(codes).toContain('file-unwritable')
  for (const code of codes) expect(errors).toContain(`\`${code}\``)
})

test('the page lists only methods that the gem has', () => {
  expect([...sections.keys()].sort()).toEqual(['Hyperkit::Client.new(options)', ...Object.keys(gem)].sort())
})
