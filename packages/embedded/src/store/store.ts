/** The kinds of records a server keeps. */
export type RecordKind =
  | 'server'
  | 'projects'
  | 'certificates'
  | 'identities'
  | 'groups'
  | 'images'
  | 'aliases'

/** Where an image server keeps its records and the bytes of its images. */
export interface Store {
  /** All records of one kind, by key. */
  readRecords(kind: RecordKind): Promise<Map<string, unknown>>
  /** Durable when the promise resolves. */
  writeRecord(kind: RecordKind, key: string, value: unknown): Promise<void>
  /** Does nothing if there is none. */
  deleteRecord(kind: RecordKind, key: string): Promise<void>
  /** Starts writing new bytes, which are not visible before {@link DraftBlob.commit}. */
  draftBlob(): Promise<DraftBlob>
  /** @returns `undefined` if there are no such bytes */
  openBlob(name: string): Promise<StoredBlob | undefined>
  /** Does nothing if there is none; a stream that is being read continues. */
  deleteBlob(name: string): Promise<void>
  /** Deletes drafts and bytes that a killed process left behind; called once, before anything else is written. */
  sweep(keep: ReadonlySet<string>): Promise<void>
}

/** Bytes that can be read. Each `read` starts a new stream. */
export interface StoredBlob {
  /** Bytes. */
  readonly size: number
  readonly modifiedAt: Date
  /** @param end exclusive */
  read(start?: number, end?: number): ReadableStream<Uint8Array>
}

/** Bytes that are being written. Writes wait for the disk, so memory does not grow with the image. */
export interface DraftBlob {
  /** Resolves when more can be written. */
  write(chunk: Uint8Array): Promise<void>
  /** Ends writing; the bytes can be read from then on, but have no name yet. */
  finish(): Promise<StoredBlob>
  /** Gives the finished bytes their name, replacing older bytes. Durable when the promise resolves. */
  commit(name: string): Promise<void>
  /** Safe to call at any time, also after `commit`. */
  discard(): Promise<void>
}
