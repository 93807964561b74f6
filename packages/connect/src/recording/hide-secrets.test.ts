import { expect, test } from 'vitest'
import { createSecretHider } from './hide-secrets.ts'

const secret = 'be517e0a22918980ab76013a78dc55fb62f1d7f1'

test('a secret gets the same placeholder wherever it occurs', () => {
  const hider = createSecretHider()
  expect(hider.json(3, { metadata: { secret }, log: `used ${secret}.` })).toEqual({
    metadata: { secret: 'hyperkit-hidden-3-1' },
    log: 'used hyperkit-hidden-3-1.',
  })
  expect(hider.path(9, `/1.0/images/ab?secret=${secret}&project=dev`)).toBe(
    '/1.0/images/ab?secret=hyperkit-hidden-3-1&project=dev',
  )
})

test('passwords, tokens, private keys and the settings that hold them are hidden', () => {
  const key = '-----BEGIN EC PRIVATE KEY-----\nMIGk\n-----END EC PRIVATE KEY-----'
  const value = {
    password: 'short',
    trust_token: 'abcdefgh',
    config: { 'oidc.client.secret': 'x1', 'cloud-init.user-data': '#cloud-config', 'limits.cpu': '2' },
    note: `see ${key}`,
    token: true,
  }
  const hidden = JSON.stringify(createSecretHider().json(1, value))
  for (const text of ['short', 'abcdefgh', 'x1', '#cloud-config', 'MIGk']) expect(hidden).not.toContain(text)
  expect(hidden).toContain('"limits.cpu":"2"')
  expect(hidden).toContain('"token":true')
})

test('the keys of an operation’s WebSockets are hidden, and its fingerprint and resources are not', () => {
  const metadata = {
    0: secret,
    control: secret.replace('b', 'c'),
    fingerprint: secret.repeat(2).slice(0, 64),
  }
  const hidden = createSecretHider().json(1, { class: 'websocket', metadata, resources: { images: ['/x'] } })
  expect(hidden).toMatchObject({ metadata: { 0: 'hyperkit-hidden-1-1', control: 'hyperkit-hidden-1-2' } })
  expect(hidden).toMatchObject({ resources: { images: ['/x'] } })
})

test('secrets that are known beforehand are hidden in headers and texts', () => {
  const hider = createSecretHider(['bearer-of-news'])
  expect(hider.text(1, 'the bearer-of-news came')).toBe('the hyperkit-hidden-1-1 came')
  expect(
    hider.headers(2, {
      'x-incus-secret': 'once',
      'x-incus-properties': `os=ubuntu&api_key=${secret}`,
      location: `/1.0/operations/1?secret=${secret}`,
    }),
  ).toEqual({
    'x-incus-secret': 'hyperkit-hidden-2-1',
    'x-incus-properties': 'os=ubuntu&api_key=hyperkit-hidden-2-2',
    location: '/1.0/operations/1?secret=hyperkit-hidden-2-2',
  })
})
