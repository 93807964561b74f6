/** Bytes in a buffer of their own: `Uint8Array<ArrayBuffer>`, which TypeScript before 5.7 cannot express. */
export type OwnBytes = ReturnType<Uint8ArrayConstructor['of']>
