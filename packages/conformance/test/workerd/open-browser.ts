import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { type BrowserContextOptions, chromium } from 'playwright-core'
import { removeFolder } from '../../src/servers/remove-folder.ts'

export type BrowserContext = Awaited<ReturnType<typeof chromium.launchPersistentContext>>

const executable = process.env.HYPERKIT_CHROMIUM ?? '/usr/bin/chromium'

/**
 * A sentence that says why the page cannot be tested here.
 *
 * @throws if the environment has `HYPERKIT_REQUIRE_BROWSER` and there is no browser
 */
export function explainBrowser(): string | undefined {
  if ('Bun' in globalThis || 'Deno' in globalThis) return 'the browser test runs once, from Node'
  if (existsSync(executable)) return undefined
  const reason = `there is no browser "${executable}": tools/install-browser.sh installs it`
  if (process.env.HYPERKIT_REQUIRE_BROWSER) throw new Error(reason)
  console.warn(`skipped, no browser: ${reason}`)
  return reason
}

/** Debian's Chromium with an empty profile; it requests only the pages that a test opens. */
export async function openBrowser(
  options: BrowserContextOptions = {},
): Promise<{ browser: BrowserContext; close(): Promise<void> }> {
  const profile = mkdtempSync(join(tmpdir(), 'hk-browser-'))
  const browser = await chromium.launchPersistentContext(profile, {
    ...options,
    executablePath: executable,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  return {
    browser,
    async close() {
      await browser.close()
      await removeFolder(profile)
    },
  }
}
