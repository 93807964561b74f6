import { expect, test } from 'vitest'
import { publicUrl } from './public-url.ts'

test.each([
  ['https://images.example.org/a.tar.xz', 'https://images.example.org/a.tar.xz'],
  ['https://images.example.org/a.tar.xz?signature=s3cret&expires=1', 'https://images.example.org/a.tar.xz'],
  ['https://images.example.org/a.tar.xz#token', 'https://images.example.org/a.tar.xz'],
  ['https://me:s3cret@images.example.org:8443/a@b.tar.xz', 'https://images.example.org:8443/a@b.tar.xz'],
])('publicUrl removes what may give access from %s', (url, shown) => {
  expect(publicUrl(url)).toBe(shown)
})
