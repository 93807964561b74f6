import { randomBytes } from 'node:crypto'
import { asyncAnswer } from '../../answer/envelope.ts'
import type { Call } from '../../call/context.ts'
import { imageUrl, resourceUrl } from '../../call/emit-lifecycle.ts'
import { imagesProject } from '../../call/images-project.ts'
import type { Creation, NewAlias } from '../../creation/creation.ts'
import { type Operation, renderOperation } from '../../operations/operation.ts'

/** The attributes that a push token has for its image; they override the headers of the upload. */
export interface PushToken {
  public: boolean
  expiresAt: string
  /** `undefined`: the image gets no properties, whatever its metadata.yaml has (T22). */
  properties: Record<string, string> | undefined
  aliases: NewAlias[]
}

/** Answers a creation request with `mode: push` with a one-time secret for the upload. */
export function createPushToken(call: Call, creation: Creation): Response {
  const { server } = call
  const project = imagesProject(call)
  const operation = server.operations.start({
    requestor: call.peer.requestor,
    project,
    class: 'token',
    description: server.dialect.pushTokenDescription,
    entityUrl: imageUrl(project, creation.source?.fingerprint ?? ''),
    resources: { images: [resourceUrl(server, project, creation.source?.fingerprint ?? '')] },
    metadata: {
      aliases: creation.aliases ?? null,
      expires_at: creation.expiresAt,
      properties: creation.properties ?? null,
      public: creation.public,
      ...(server.dialect.pushTokenFingerprint ? { fingerprint: creation.source?.fingerprint ?? '' } : {}),
      secret: randomBytes(32).toString('hex'),
    },
  })
  return asyncAnswer(operation.id, renderOperation(server.dialect, operation))
}

/** `undefined` for a download token, whose metadata has no such fields. */
export function readPushToken({ metadata }: Operation): PushToken | undefined {
  if (metadata === null || !Object.hasOwn(metadata, 'expires_at')) return undefined
  return {
    public: metadata.public === true,
    expiresAt: String(metadata.expires_at),
    properties: (metadata.properties as Record<string, string> | null) ?? undefined,
    aliases: (metadata.aliases as NewAlias[] | null) ?? [],
  }
}
