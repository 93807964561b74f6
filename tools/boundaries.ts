import { fileURLToPath } from 'node:url'
import { findViolations } from './boundaries/find-violations.ts'
import { renderViolation } from './boundaries/violation.ts'

const { files, imports, violations } = findViolations(fileURLToPath(new URL('..', import.meta.url)))
for (const violation of violations) console.error(renderViolation(violation))
console.log(`boundaries: ${files} files, ${imports} imports, ${violations.length} violations`)
if (violations.length > 0) process.exitCode = 1
