import { defaultNotifyOn, defaultNotifyTimeout, type Notify } from './notify.ts'
import type { WrittenNotify } from './notify-schema.ts'
import { programOf } from './program-of.ts'

/** @param folder an absolute path; a program with a slash in its name is relative to it */
export function normalizeNotify({ command, webhook, on, timeout }: WrittenNotify, folder: string): Notify {
  return {
    targets: [
      ...(command === undefined ? [] : [{ kind: 'command' as const, command: programOf(command, folder) }]),
      ...(webhook === undefined
        ? []
        : [{ kind: 'webhook' as const, url: webhook.url, headers: webhook.headers ?? {} }]),
    ],
    on: on ?? defaultNotifyOn,
    timeout: timeout === undefined ? defaultNotifyTimeout : timeout * 1000,
  }
}
