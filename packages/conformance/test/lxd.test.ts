import { explainRealTarget, openRealTarget } from '../src/harness/open-real-target.ts'
import { runCases } from './run-cases.ts'

runCases('lxd', () => openRealTarget('lxd'), explainRealTarget('lxd'))
