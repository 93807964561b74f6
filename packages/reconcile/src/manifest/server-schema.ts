import * as v from 'valibot'
import { duration } from './duration-schema.ts'
import { isServerUrl } from './is-server-url.ts'
import { optionalKey } from './optional-key.ts'
import { text } from './text-schemas.ts'

/** The message about an invalid token; it does not show the token. */
export const notABearerToken =
  'must be a bearer token: letters, digits and "-", ".", "_", "~", "+", "/", with "=" only at the end'

export const labelText = v.pipe(
  v.string(),
  v.check(
    isLabelText,
    'must not be empty or contain spaces, "=" or ",", so that `--server tier=edge,site=berlin` can use it',
  ),
)

export const labels = v.record(labelText, labelText)

const wholeNeeded = 'must be a whole number, 1 or more'
const urlNeeded = 'must be an address such as "https://10.1.0.7:8443" (http for loopback only)'
const urlsNeeded =
  'must be a list of different https addresses such as "https://10.1.0.7:8443", of members of one cluster'

const serverUrl = v.pipe(text, v.check(isServerUrl, urlNeeded))
const memberUrls = v.pipe(
  v.array(
    v.pipe(
      text,
      v.check((url) => isServerUrl(url) && url.startsWith('https:'), urlsNeeded),
    ),
  ),
  v.minLength(1, urlsNeeded),
  v.check((urls) => new Set(urls).size === urls.length, urlsNeeded),
)

export const serverSchema = v.pipe(
  v.strictObject({
    remote: optionalKey(text, 'Name of a remote in your `incus` or `lxc` client configuration.'),
    url: optionalKey(
      v.union([serverUrl, memberUrls]),
      'Address such as `https://10.1.0.7:8443`; plain http for loopback only. Or a list of the https addresses of members of one cluster: if one does not answer, the next is used.',
    ),
    socket: optionalKey(text, 'Path of a unix socket, relative to the manifest.'),
    project: optionalKey(text, 'Project of the images. Default: the project of the remote, else `default`.'),
    serverCertificate: optionalKey(
      text,
      'PEM file with the certificate that the server must present, relative to the manifest; only with `url`. Default: any certificate from a public authority.',
    ),
    clientCertificate: optionalKey(
      text,
      'PEM file with the certificate to present to the server, relative to the manifest; only with `url`. Default: that of your `incus` or `lxc` client.',
    ),
    clientKey: optionalKey(
      text,
      'PEM file with the key of the client certificate, relative to the manifest. Default: the file next to the certificate with the extension `.key`.',
    ),
    token: optionalKey(
      v.pipe(v.string(), v.check(isBearerToken, notABearerToken)),
      'Bearer token for the server, preferably from an environment variable; only with `url`. It is never printed.',
    ),
    tokenFile: optionalKey(
      text,
      'File with the bearer token, relative to the manifest. It is read before each request, so the token can be renewed.',
    ),
    answerTimeout: optionalKey(
      duration,
      'How long the server may take until an answer begins, and how long a body may stand still, such as `90` (seconds) or `5m`. Default: that of `--answer-timeout`, else 10 s for its description and 60 s for anything else.',
    ),
    imagesAtOnce: optionalKey(
      v.pipe(v.number(), v.integer(wholeNeeded), v.minValue(1, wholeNeeded)),
      'How many of its images are worked on at once: a whole number, 1 or more. Default: that of `--images-per-server`, else 4.',
    ),
    labels: optionalKey(labels, 'Labels that images and `--server label=value` can choose servers by.'),
  }),
  v.description('A server, reached by one of `remote`, `url` and `socket`.'),
)

export type WrittenServer = v.InferOutput<typeof serverSchema>

/** The syntax of RFC 6750. Anything else would be refused as a header, and that error would show the token. */
export function isBearerToken(value: string): boolean {
  return /^[A-Za-z0-9._~+/-]+=*$/.test(value)
}

/** Whether a text can be the name or the value of a server's label. */
export function isLabelText(value: string): boolean {
  return /^[^\s=,]+$/.test(value)
}
