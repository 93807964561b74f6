import { explainRealTarget, openRealTarget } from '../src/harness/open-real-target.ts'
import { runCases } from './run-cases.ts'

runCases('lxd-5.0', () => openRealTarget('lxd-5.0'), explainRealTarget('lxd-5.0'))
