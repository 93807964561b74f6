import { explainRealTarget, openRealTarget } from '../src/harness/open-real-target.ts'
import { runCases } from './run-cases.ts'

runCases('incus', () => openRealTarget('incus'), explainRealTarget('incus'))
