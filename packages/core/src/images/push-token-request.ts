import * as v from 'valibot'
import { formatExpiry } from '../arguments/image-attributes.ts'

/** What a push token says of the image. */
export interface PushTokenAttributes {
  public: boolean | undefined
  properties: Readonly<Record<string, string>>
  /** `null` for never. */
  expiresAt?: Date | null | undefined
}

/** The body with which a server is asked for a push token. Attributes that are not part of the token are lost. */
export function describePushToken(
  fingerprint: string,
  { public: isPublic, properties, expiresAt }: PushTokenAttributes,
): object {
  return {
    source: { type: 'image', mode: 'push', fingerprint },
    public: isPublic,
    // Sent even if empty: without them LXD 6.8 and newer fail the upload and use up the token (T60).
    properties,
    ...(expiresAt === undefined ? {} : { expires_at: formatExpiry(expiresAt) }),
  }
}

/** The operation of a push token. */
export const pushTokenSchema = v.looseObject({
  id: v.string(),
  metadata: v.looseObject({ secret: v.string() }),
})
