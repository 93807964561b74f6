import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { readPlainYaml } from './read-plain-yaml.ts'

const written = `# as incus writes it
default-remote: prod
remotes:
    images:
        addr: https://images.linuxcontainers.org
        protocol: simplestreams
        public: true

    prod:
        addr: https://10.1.0.7:8443,https://[fd00::1]:8443
        auth_type: tls
        project: ""
        public: false
aliases: {}
`

test('a file that clients wrote is read as a YAML parser reads it', () => {
  const text = written.replace(',https://[fd00::1]:8443', ',https://10.1.0.8:8443')
  expect(readPlainYaml(text)).toEqual(parse(text))
  const shallow = 'remotes:\n  a:\n    addr: unix:///run/incus.sock\n  b:\n    addr: /x\ndefault-remote: a\n'
  expect(readPlainYaml(shallow)).toEqual(parse(shallow))
  expect(readPlainYaml('')).toEqual({})
})

test('text that YAML could read otherwise, or that has a fault, is left to the parser', () => {
  for (const text of [
    written,
    'a: 1\n',
    'a: yes\n',
    'a: null\n',
    'a: null:\n',
    'a: [b]\n',
    'a: "b"\n',
    'a: b # c\n',
    'a: b c\n',
    'a: |\n  b\n',
    'a: &b c\n',
    'a:\n',
    'a:\nb: c\n',
    'a: b\na: c\n',
    'a: b\n  c: d\n',
    'a:\n    b: c\n  d: e\n',
    'a:\n\tb: c\n',
    '- a\n',
    'a: b\r\n',
    '? a\n: b\n',
    'true: a\n',
    '---\na: b\n',
  ])
    expect(readPlainYaml(text), text).toBeUndefined()
})
