import type { Operation } from '@hyperkit/core'

const secretName = /secret|token|passw(or)?d|private[._-]?key/i

/**
 * An operation without what gives access: the secret of an image or of a trust token, and the keys of WebSockets, which are under their
 * numbers (`{ "0": "ab12…", "control": "cd34…" }`). They are good until the operation ends.
 *
 * @example
 * ```ts
 * import { connect } from '@hyperkit/connect'
 * import { maskOperation } from '@hyperkit/script'
 *
 * const client = await connect({ remote: 'prod' })
 * console.log((await client.operations.list()).map(maskOperation))
 * ```
 */
export function maskOperation(operation: Operation): Operation {
  const isKey = operation.class === 'task' ? () => false : isKeyOfWebSocket
  return { ...operation, metadata: mask(operation.metadata, isKey) as Operation['metadata'] }
}

function isKeyOfWebSocket(name: string, value: string): boolean {
  return name !== 'fingerprint' && /^[0-9a-f]{32,}$/i.test(value)
}

function mask(value: unknown, isKey: (name: string, value: string) => boolean): unknown {
  if (Array.isArray(value)) return value.map((each) => mask(each, isKey))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const isSecret =
        typeof inner === 'string' && inner !== '' && (secretName.test(name) || isKey(name, inner))
      return [name, isSecret ? '<hidden>' : mask(inner, isKey)]
    }),
  )
}
