import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { findMessages, findTestNames, type Message } from './messages/find-messages.ts'

// npm run messages [-- --tests] [folder ...]: lists every sentence that a user can see, with its file and line: error messages, notes,
// help texts, descriptions, questions and rendered words. With --tests it lists the names of all tests and conformance cases instead.
// Use it to read them all as a newcomer would.
const root = fileURLToPath(new URL('..', import.meta.url))
const tests = process.argv.includes('--tests')
const folders = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))

const isTest = (path: string): boolean => /\.test\.ts$|^(?:packages|apps)\/[^/]+\/test\//.test(path)
const hasCases = (path: string): boolean => path.startsWith('packages/conformance/src/cases/')
const files = execFileSync('git', ['ls-files', '*.ts'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((path) => /^(?:packages|apps|scripts|tools|examples)\//.test(path) && existsSync(join(root, path)))
  .filter((path) => folders.length === 0 || folders.some((folder) => path.startsWith(folder)))
  .filter((path) => (tests ? isTest(path) || hasCases(path) : !isTest(path) && !hasCases(path)))

for (const path of files)
  for (const { line, text } of messagesOf(path))
    console.log(`${path}:${line}: ${text.replaceAll('\n', '\\n')}`)

function messagesOf(path: string): Message[] {
  const source = readFileSync(join(root, path), 'utf8')
  if (tests) return findTestNames(source, path)
  return findMessages(source, path, { words: /\/render\//.test(path) })
}
