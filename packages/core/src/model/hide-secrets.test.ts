import { expect, test } from 'vitest'
import { HyperkitError } from '../errors/hyperkit-error.ts'
import { hideSecrets } from './hide-secrets.ts'

test.each([
  [
    'Get "https://h:8443/1.0/images/ab/export?secret=0123&project=p": EOF',
    'Get "https://h:8443/1.0/images/ab/export?secret=…&project=p": EOF',
  ],
  ['through http://me:p%40ss@proxy:3128/', 'through http://…@proxy:3128/'],
  [
    'at https://s3/x?X-Amz-Credential=AK&X-Amz-Expires=60&X-Amz-Signature=ab12',
    'at https://s3/x?X-Amz-Credential=…&X-Amz-Expires=60&X-Amz-Signature=…',
  ],
  ['<a href="https://blob/x?sv=1&sig=a%2Fb">', '<a href="https://blob/x?sv=1&sig=…">'],
  ['https://h/x?api_key=1;https://h/y?access_token=2', 'https://h/x?api_key=…'],
  // Addresses of mail, paths and filters stay readable.
  [
    'root@host, /1.0/images?filter=os+eq+debian&recursion=1',
    'root@host, /1.0/images?filter=os+eq+debian&recursion=1',
  ],
  ['https://h/@scope/x?monkey=1', 'https://h/@scope/x?monkey=1'],
])('%j is shown as %j', (text, shown) => {
  expect(hideSecrets(text)).toBe(shown)
  expect(new HyperkitError('unreachable', text).message).toBe(shown)
})
