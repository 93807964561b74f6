import { openEmbeddedTarget } from '../src/harness/open-embedded-target.ts'
import { runCases } from './run-cases.ts'

runCases('embedded lxd-5.21', () => openEmbeddedTarget('lxd-5.21'))
