import { isFinished, type Operation } from '../model/operation.ts'

/**
 * Whether an operation is under way that may create an image: a publish, a download or a copy. All have this description, on every server.
 *
 * @example
 * ```ts
 * const busy = (await client.operations.list()).some((one) => mayCreateImage(one))
 * ```
 */
export function mayCreateImage(operation: Operation): boolean {
  const { class: kind, description } = operation
  return kind === 'task' && description === 'Downloading image' && !isFinished(operation)
}
