import { openRealTarget } from '../src/harness/open-real-target.ts'
import { explainAbsence } from '../src/servers/explain-absence.ts'
import { runCases } from './run-cases.ts'

runCases('lxd', () => openRealTarget('lxd'), explainAbsence('lxd'))
