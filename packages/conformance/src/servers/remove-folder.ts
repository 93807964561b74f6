import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/**
 * Removes a folder and its content in a separate process: Deno 2.9.5 sometimes closes the descriptor of a
 * `createReadStream` twice, and panics ("unexpected error during closedir") if that is the descriptor of a folder that it is
 * reading at that moment.
 */
export async function removeFolder(path: string): Promise<void> {
  await promisify(execFile)('rm', ['-rf', '--', path])
}
