import { openEmbeddedTarget } from '../src/harness/open-embedded-target.ts'
import { runCases } from './run-cases.ts'

runCases('embedded incus-7.0', () => openEmbeddedTarget('incus-7.0'))
