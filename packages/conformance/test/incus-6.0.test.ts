import { explainRealTarget, openRealTarget } from '../src/harness/open-real-target.ts'
import { runCases } from './run-cases.ts'

runCases('incus-6.0', () => openRealTarget('incus-6.0'), explainRealTarget('incus-6.0'))
