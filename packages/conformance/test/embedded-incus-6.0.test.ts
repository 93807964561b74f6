import { openEmbeddedTarget } from '../src/harness/open-embedded-target.ts'
import { runCases } from './run-cases.ts'

runCases('embedded incus-6.0', () => openEmbeddedTarget('incus-6.0'))
