import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/**
 * Removes a folder with all that is in it, by a process of its own: Deno 2.9.5 closes the descriptor of a
 * `createReadStream` twice at times, and panics ("unexpected error during closedir") when that hits a folder that it is
 * itself reading at that moment.
 */
export async function removeFolder(path: string): Promise<void> {
  await promisify(execFile)('rm', ['-rf', '--', path])
}
