// For authors of scripts: a script and its arguments
export { defineScript } from './define-script.ts'
export { isScript } from './is-script.ts'
export type {
  FailOptions,
  RowsOptions,
  Script,
  ScriptContext,
  ScriptDefinition,
  ScriptTools,
} from './script.ts'
export { runIfMain } from './run/run-if-main.ts'
export {
  type ArgumentMetadata,
  type Candidate,
  type CandidateSource,
  type CompletedKind,
  type FlagOptions,
  flag,
  positional,
  type UnfinishedLine,
} from './arguments/argument-metadata.ts'
export { duration } from './arguments/duration.ts'
export { isUsageError, UsageError } from './arguments/usage-error.ts'
export { imageWord, imageWords, operationWords, showSecretsFlag } from './arguments/words.ts'
export { splitRemoteName } from './arguments/split-remote-name.ts'
export { parseYaml } from './arguments/parse-yaml.ts'

// Rows, columns and documents
export type { Column } from './output/column.ts'
export { type Format, type FormatName, formatFlag, formatNames } from './output/format.ts'
export {
  type ColumnsByLetter,
  columnsFlag,
  type OtherColumns,
  readColumns,
} from './output/read-columns.ts'
export { renderJson, renderYaml } from './output/render-document.ts'
export { renderRows } from './output/render-rows.ts'

// Names of images and aliases in the API and its clients
export { describeLocations } from './records/describe-locations.ts'
export { describeView } from './records/describe-view.ts'
export { type FilteredImages, type FilterImagesOptions, filterImages } from './records/filter-images.ts'
export { type FilterRules, filterRulesOf } from './records/filter-rules.ts'
export { findImage } from './records/find-image.ts'
export type { FindImageOptions } from './records/find-image-options.ts'
export { findStreamImage } from './records/find-stream-image.ts'
export { hostArchitecture } from './records/host-architecture.ts'
export { imageOfRegistry } from './records/image-of-registry.ts'
export { imageOfStream } from './records/image-of-stream.ts'
export { imageRecord } from './records/image-record.ts'
export { type ClusterFinding, judgeCluster } from './records/judge-cluster.ts'
export { maskOperation } from './records/mask-operation.ts'
export { knownFaults, tokenReaders } from './records/known-faults.ts'

// What a script receives, and its definition
export type {
  ConnectRemoteOptions,
  Reached,
  ReachedSource,
  ReachSourceOptions,
} from './client/open-clients.ts'
export type { Clients } from './client/open-clients.ts'
export type { Console } from './console/open-console.ts'
export type { GlobalFlag } from './arguments/global-flags.ts'
export type { Argument, ArgumentsSchema } from './arguments/argument.ts'
export { type RunScriptOptions, runScript } from './run/run-script.ts'
