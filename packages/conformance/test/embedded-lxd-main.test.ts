import { openEmbeddedTarget } from '../src/harness/open-embedded-target.ts'
import { runCases } from './run-cases.ts'

runCases('embedded lxd-main', () => openEmbeddedTarget('lxd-main'))
