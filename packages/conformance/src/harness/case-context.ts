import type { Client, Transport } from '@hyperkit/core'
import type { UploadImageOptions } from '@hyperkit/core/parts'
import type { Dialect } from '@hyperkit/embedded'
import type { ImageContents } from '../fixtures/image-contents.ts'
import type { MakeImageOptions } from '../fixtures/make-image.ts'
import type { MakeSplitImageOptions } from '../fixtures/make-split-image.ts'
import type { PreparedInstance } from '../servers/prepare-instance.ts'
import type { CertificatePair } from '../servers/running-server.ts'
import type { Simplestreams, StreamedImage } from '../servers/start-simplestreams.ts'
import type { UrlSource, UrlSourceOptions } from '../servers/start-url-source.ts'
import type { ExpectedAnswers } from './expected-answers.ts'
import type { ImageFile, SplitFiles } from './image-files.ts'
import type { ClusterMember, OwnServer, ServerAccess, Target } from './target.ts'
import type { SentRequest } from './watch-requests.ts'

type WithoutPlace<Options> = Omit<Options, 'directory' | 'name' | keyof ImageContents> &
  Partial<ImageContents>

export interface ConnectCaseOptions {
  /** @default the trusted one; null for none */
  certificate?: CertificatePair | null
  /** A bearer token, instead of a certificate. */
  token?: string
  /** @default the target's server */
  server?: ServerAccess
  /** Connects over the unix socket. @default false, which is https */
  socket?: boolean
  project?: string
}

/** A member of the target's cluster, with a trusted client. */
export type MemberOfCluster = ClusterMember & { client: Client }

/** The context of a case. Everything in it is new: its names and contents were never used on the server before. */
export interface CaseContext {
  readonly target: Target
  /** The target's values where servers differ. */
  readonly expected: ExpectedAnswers
  /** The dialect of the target's version: everything that the embedded server imitates, and that a real one must match. */
  readonly spoken: Dialect
  /** Over https with the trusted certificate. */
  readonly client: Client
  /** Over the unix socket. */
  readonly socketClient: Client
  /** Over https with a certificate that the server does not know. */
  readonly untrustedClient: Client
  /** The second server of the same kind, with a trusted client; needs `second-server`. */
  readonly source: ServerAccess & { client: Client }
  /** A server of the other kind, with a trusted client; needs `other-kind`. */
  other(): Promise<ServerAccess & { client: Client }>
  /** The members of the target, which is a cluster. */
  members(): Promise<MemberOfCluster[]>
  /** A name that no other case or run uses; images with it in an alias, a property or the filename are deleted afterwards. */
  unique(stem: string): string
  /** A directory only for this case. */
  readonly directory: string
  /** A small image file with unique content; its image is deleted afterwards. */
  imageFile(options?: WithoutPlace<MakeImageOptions>): Promise<ImageFile>
  /** Makes such a file and uploads it. */
  uploaded(options?: WithoutPlace<MakeImageOptions>, upload?: UploadImageOptions): Promise<ImageFile>
  splitFiles(options?: WithoutPlace<MakeSplitImageOptions>): Promise<SplitFiles>
  connect(options?: ConnectCaseOptions): Promise<Client>
  transport(options?: ConnectCaseOptions): Promise<Transport>
  /** A client whose requests are recorded. */
  watch(options?: ConnectCaseOptions): Promise<{ client: Client; requests: SentRequest[] }>
  /** A new, empty project with separate images; deleted afterwards. */
  makeProject(): Promise<string>
  instance(): Promise<PreparedInstance>
  urlSource(options: UrlSourceOptions): Promise<UrlSource>
  simplestreams(images: StreamedImage[], options?: { holdAfter?: number }): Promise<Simplestreams>
  /** A server only for this case, which it may restart and kill; needs `restart`. */
  startOwn(): Promise<OwnServer>
  /** Called after the case, in reverse order, also if it fails. */
  cleanup(action: () => unknown): void
}
