import { expect, test } from 'vitest'
import { baseNameOf, extensionOf } from './file-name.ts'

test('only a known extension is taken from a name', () => {
  const cases: [string | undefined, string][] = [
    [undefined, ''],
    ['', ''],
    ['abc.tar.gz', '.tar.gz'],
    ['ABC.TAR.XZ', '.tar.xz'],
    ['abc.squashfs', '.squashfs'],
    ['abc.tar', '.tar'],
    ['abc.tar.zst', '.tar.zst'],
    ['abc.sh', ''],
    ['../../x.tar', '.tar'],
    ['a.tar.gz/../../etc', ''],
    ['abc.tar.gz ', ''],
  ]
  for (const [name, extension] of cases) expect(extensionOf(name)).toBe(extension)
})

test('a plain name stays as it is', () => {
  for (const name of ['noble.tar.xz', 'with space.img', 'ünï.tar', '-dash', '.hidden', 'console.tar']) {
    expect(baseNameOf(name)).toBe(name)
  }
  expect(baseNameOf('images/noble.tar.xz')).toBe('noble.tar.xz')
})

test('a name that leads to another directory, or is not an ordinary file name on every system, is refused', () => {
  const names = [
    '',
    '.',
    '..',
    '/etc/passwd',
    '../x',
    'a/../b',
    'a/',
    'a\\b',
    'C:x',
    'a:b',
    'a\0b',
    'a\nb',
    'a\u202eb'.replace('\u202e', '\u2028'),
    'CON',
    'nul.tar',
    'COM1.img',
    'lpt9',
    'ends.',
    'ends ',
    'a*b',
    'x'.repeat(201),
  ]
  for (const name of names) expect(() => baseNameOf(name), JSON.stringify(name)).toThrow("server's file name")
})
