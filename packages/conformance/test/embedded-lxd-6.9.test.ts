import { openEmbeddedTarget } from '../src/harness/open-embedded-target.ts'
import { runCases } from './run-cases.ts'

runCases('embedded lxd-6.9', () => openEmbeddedTarget('lxd-6.9'))
