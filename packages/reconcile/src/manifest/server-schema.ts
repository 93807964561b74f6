import * as v from 'valibot'
import { isServerUrl } from './is-server-url.ts'
import { optionalKey } from './optional-key.ts'
import { text } from './text-schemas.ts'

/** The sentence about a token that is none; it does not show it. */
export const notABearerToken =
  'must be a bearer token: letters, digits and "-", ".", "_", "~", "+", "/", with "=" at its end only'

const labelText = v.pipe(
  v.string(),
  v.check(
    isLabelText,
    'must be a text without spaces, "=" and ",", so that `--server tier=edge,site=berlin` can choose by it',
  ),
)

export const labels = v.record(labelText, labelText)

export const serverSchema = v.pipe(
  v.strictObject({
    remote: optionalKey(text, 'Name of a remote in your own incus or lxc client configuration.'),
    url: optionalKey(
      v.pipe(text, v.check(isServerUrl, 'must be like "https://10.1.0.7:8443" (http for loopback only)')),
      'Address such as `https://10.1.0.7:8443`; plain http for loopback only.',
    ),
    socket: optionalKey(text, 'Path of a unix socket; relative to the manifest.'),
    project: optionalKey(text, "Project of the images. Default: the remote's own, else `default`."),
    serverCertificate: optionalKey(
      text,
      'PEM file with the certificate that the server must show; relative to the manifest. Goes with `url`. Default: one that public authorities vouch for.',
    ),
    clientCertificate: optionalKey(
      text,
      'PEM file to show to the server; relative to the manifest. Goes with `url`. Default: that of your own incus or lxc client.',
    ),
    clientKey: optionalKey(
      text,
      'PEM file of the key. Default: beside the certificate, with the ending `.key`.',
    ),
    token: optionalKey(
      v.pipe(v.string(), v.check(isBearerToken, notABearerToken)),
      'A bearer token for the server, best from an environment variable; goes with `url`, and is printed nowhere.',
    ),
    tokenFile: optionalKey(
      text,
      'A file that holds the bearer token, read before each request so that it can be renewed; relative to the manifest.',
    ),
    labels: optionalKey(labels, 'Labels by which images, and `--server label=value`, choose servers.'),
  }),
  v.description('One server, reached by one of `remote`, `url` and `socket`.'),
)

export type WrittenServer = v.InferOutput<typeof serverSchema>

/** As RFC 6750 has it; anything else would not pass as a header, and the error would show it. */
export function isBearerToken(value: string): boolean {
  return /^[A-Za-z0-9._~+/-]+=*$/.test(value)
}

/** Whether a text can be a label of a server, or its value. */
export function isLabelText(value: string): boolean {
  return /^[^\s=,]+$/.test(value)
}
