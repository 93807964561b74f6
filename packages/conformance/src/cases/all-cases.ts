import type { ConformanceCase } from '../harness/conformance-case.ts'
import { cases as abort } from './abort.ts'
import { cases as aliasNames } from './alias-names.ts'
import { cases as aliases } from './aliases.ts'
import { cases as answersImages } from './answers-images.ts'
import { cases as answersLimited } from './answers-limited.ts'
import { cases as answersOperations } from './answers-operations.ts'
import { cases as answersPublishing } from './answers-publishing.ts'
import { cases as answersRequests } from './answers-requests.ts'
import { cases as answersSources } from './answers-sources.ts'
import { cases as answersTrust } from './answers-trust.ts'
import { cases as answersUploads } from './answers-uploads.ts'
import { cases as attributes } from './attributes.ts'
import { cases as badInputArguments } from './bad-input-arguments.ts'
import { cases as badInputFiles } from './bad-input-files.ts'
import { cases as badInputRestarts } from './bad-input-restarts.ts'
import { cases as badInputServers } from './bad-input-servers.ts'
import { cases as badInputTrust } from './bad-input-trust.ts'
import { cases as certificates } from './certificates.ts'
import { cases as copy } from './copy.ts'
import { cases as copyKept } from './copy-kept.ts'
import { cases as copyReach } from './copy-reach.ts'
import { cases as copySecrets } from './copy-secrets.ts'
import { cases as copyTrouble } from './copy-trouble.ts'
import { cases as deletes } from './delete.ts'
import { cases as events } from './events.ts'
import { cases as exports } from './export.ts'
import { cases as images } from './images.ts'
import { cases as operations } from './operations.ts'
import { cases as projects } from './projects.ts'
import { cases as publish } from './publish.ts'
import { cases as pull } from './pull.ts'
import { cases as refresh } from './refresh.ts'
import { cases as restart } from './restart.ts'
import { cases as rules } from './rules.ts'
import { cases as server } from './server.ts'
import { cases as simplestreams } from './simplestreams.ts'
import { cases as simplestreamsReader } from './simplestreams-reader.ts'
import { cases as storage } from './storage.ts'
import { cases as trapsChanges } from './traps-changes.ts'
import { cases as trapsContent } from './traps-content.ts'
import { cases as trapsCrashes } from './traps-crashes.ts'
import { cases as trapsDownloads } from './traps-downloads.ts'
import { cases as trapsNames } from './traps-names.ts'
import { cases as trapsPaths } from './traps-paths.ts'
import { cases as trapsWaiting } from './traps-waiting.ts'
import { cases as update } from './update.ts'
import { cases as upload } from './upload.ts'
import { cases as url } from './url.ts'
import { cases as usage } from './usage.ts'
import { cases as usageIdentities } from './usage-identities.ts'
import { cases as views } from './views.ts'

/** Every case, by topic in the order of the matrix. */
export const allCases: readonly ConformanceCase[] = [
  ...server,
  ...images,
  ...upload,
  ...attributes,
  ...update,
  ...deletes,
  ...exports,
  ...aliases,
  ...aliasNames,
  ...rules,
  ...pull,
  ...simplestreams,
  ...simplestreamsReader,
  ...url,
  ...copy,
  ...copyKept,
  ...copyReach,
  ...copyTrouble,
  ...copySecrets,
  ...publish,
  ...refresh,
  ...operations,
  ...events,
  ...projects,
  ...certificates,
  ...usage,
  ...usageIdentities,
  ...views,
  ...storage,
  ...abort,
  ...restart,
  ...trapsChanges,
  ...trapsContent,
  ...trapsCrashes,
  ...trapsDownloads,
  ...trapsNames,
  ...trapsPaths,
  ...trapsWaiting,
  ...answersRequests,
  ...answersPublishing,
  ...answersSources,
  ...answersUploads,
  ...answersImages,
  ...answersTrust,
  ...answersLimited,
  ...answersOperations,
  ...badInputArguments,
  ...badInputFiles,
  ...badInputRestarts,
  ...badInputServers,
  ...badInputTrust,
]
