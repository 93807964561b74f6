import { spawn } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'

/** Runs the command as a user would, on the same terminal, and returns its exit code. */
export function runReconciler(
  root: string,
  args: readonly string[],
  environment: Record<string, string | undefined>,
): Promise<number> {
  console.log(`\n$ npx hyperkit-reconcile ${args.join(' ')}`)
  const command = join(root, 'apps/reconciler/bin/hyperkit-reconcile.js')
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [command, ...args], {
      cwd: root,
      env: environment,
      stdio: 'inherit',
    })
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
}
