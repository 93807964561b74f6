import { explainRealTarget, openRealTarget } from '../src/harness/open-real-target.ts'
import { runCases } from './run-cases.ts'

runCases('incus-7.0', () => openRealTarget('incus-7.0'), explainRealTarget('incus-7.0'))
