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
import type { OwnServer, ServerAccess, Target } from './target.ts'
import type { SentRequest } from './watch-requests.ts'

type WithoutPlace<Options> = Omit<Options, 'directory' | 'name' | keyof ImageContents> &
  Partial<ImageContents>

export interface ConnectCaseOptions {
  /** @default the trusted one; null for none at all */
  certificate?: CertificatePair | null
  /** A bearer token, in place of a certificate. */
  token?: string
  /** @default the target's server */
  server?: ServerAccess
  /** @default false: https */
  socket?: boolean
  project?: string
}

/** What a case works with. Everything in it is fresh: no name or content was ever used before on the server. */
export interface CaseContext {
  readonly target: Target
  /** Of the target, where servers differ. */
  readonly expected: ExpectedAnswers
  /** What a server of the target's version does, in all that the embedded one imitates: its dialect, as it should be. */
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
  /** A name that no other case or run uses; whatever bears it in an alias, a property or a filename is removed afterwards. */
  unique(stem: string): string
  /** A directory of this case alone. */
  readonly directory: string
  /** A small image file with content of its own; its image is removed afterwards. */
  imageFile(options?: WithoutPlace<MakeImageOptions>): Promise<ImageFile>
  /** Makes such a file and uploads it. */
  uploaded(options?: WithoutPlace<MakeImageOptions>, upload?: UploadImageOptions): Promise<ImageFile>
  splitFiles(options?: WithoutPlace<MakeSplitImageOptions>): Promise<SplitFiles>
  connect(options?: ConnectCaseOptions): Promise<Client>
  transport(options?: ConnectCaseOptions): Promise<Transport>
  /** A client whose requests are noted. */
  watch(options?: ConnectCaseOptions): Promise<{ client: Client; requests: SentRequest[] }>
  /** A new, empty project with images of its own; removed afterwards. */
  makeProject(): Promise<string>
  instance(): Promise<PreparedInstance>
  urlSource(options: UrlSourceOptions): Promise<UrlSource>
  simplestreams(images: StreamedImage[], options?: { holdAfter?: number }): Promise<Simplestreams>
  /** A server of the case's own, to restart and kill; needs `restart`. */
  startOwn(): Promise<OwnServer>
  /** Done after the case, last things first, also when it fails. */
  cleanup(action: () => unknown): void
}
